import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Faults, type Answer, type CallInfo } from '../kit/index.js'
import { Input } from './input.js'
import { RateGate, type KeyKind, type Limits, type RateState } from './rate-gate.js'
import type { Sim } from './sim.js'
import { LumaError } from './store.js'

export interface Credential {
  key: string
  kind: KeyKind
}

/** Does the work of one route and says the JSON of a 200, or a promise of it. @throws LumaError for everything else */
export type Operation = (input: Input) => unknown

/** What stands around every route: faults, the key, the rate limit, errors as `{"message": …}`. */
export class Api {
  readonly faults: Faults
  readonly routes: { method: 'get' | 'post'; path: string }[] = []
  private readonly gates: Map<string, RateGate>

  constructor(
    private readonly app: FastifyInstance,
    private readonly sim: Sim,
    credentials: readonly Credential[],
    limits: Limits,
  ) {
    this.gates = new Map(credentials.map(({ key, kind }) => [key, new RateGate(kind, limits)]))
    const { knobs, random, clock, trace } = sim
    this.faults = new Faults({ knobs, random, clock, trace, throttled: (request) => this.throttled(request) })
  }

  get(path: string, operation: string, work: Operation): void {
    this.routes.push({ method: 'get', path })
    const info: CallInfo = { operation, kind: 'read', weight: 1 }
    this.app.get(
      path,
      this.faults.route(info, (request) => this.answer(request, request.query, work)),
    )
  }

  post(path: string, operation: string, work: Operation): void {
    this.routes.push({ method: 'post', path })
    const info: CallInfo = { operation, kind: 'write', weight: 1 }
    this.app.post(
      path,
      this.faults.route(info, (request) => this.answer(request, request.body, work)),
    )
  }

  private async answer(request: FastifyRequest, source: unknown, work: Operation): Promise<Answer> {
    const gate = this.gateOf(request)
    if (!gate) return { status: 401, body: { message: 'Invalid API key' } }
    const rate = gate.take(this.sim.clock.now())
    if (!rate.allowed) return this.tooMany(rate)
    const headers = this.rateHeaders(rate)
    try {
      return { status: 200, headers, body: await work(new Input(source)) }
    } catch (error) {
      if (error instanceof LumaError) return { status: error.status, headers, body: { message: error.message } }
      throw error
    }
  }

  private gateOf(request: FastifyRequest): RateGate | undefined {
    const key = request.headers['x-luma-api-key']
    return typeof key === 'string' ? this.gates.get(key) : undefined
  }

  /** A refusal out of turn blocks like one that was earned. */
  private throttled(request: FastifyRequest): Answer {
    const gate = this.gateOf(request)
    return gate ? this.tooMany(gate.block(this.sim.clock.now())) : { status: 401, body: { message: 'Invalid API key' } }
  }

  private tooMany(rate: RateState): Answer {
    const seconds = Math.ceil((rate.resetAt - this.sim.clock.now()) / 1_000)
    return {
      status: 429,
      headers: { ...this.rateHeaders(rate), 'Retry-After': String(seconds) },
      body: { message: 'Rate limit exceeded' },
    }
  }

  /** The time of the answer is by Luma's own clock, as are the others in it. */
  private rateHeaders({ limit, remaining, resetAt }: RateState): Record<string, string> {
    const iso = this.sim.toggles.current.resetHeader === 'iso'
    return {
      Date: new Date(this.sim.clock.now()).toUTCString(),
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(remaining),
      'X-RateLimit-Reset': iso ? new Date(resetAt).toISOString() : String(Math.ceil(resetAt / 1_000)),
    }
  }
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Faults, type ApiResponse, type CallInfo } from '../../kit/index.js'
import type { SimulatorContext } from '../state/context.js'
import { LumaError, REFUSALS } from '../errors.js'
import { Input } from './input.js'
import { RateLimit, type KeyKind, type RateLimitRules, type RateLimitState } from './rate-limit.js'

export interface Credential {
  key: string
  kind: KeyKind
}

/** Handles one route; returns the JSON of a 200 response or a promise of it. @throws LumaError for any other status */
export type Handler = (input: Input) => unknown

/** The frame around every API route: faults, authentication, rate limit, errors as `{"message": …}`. */
export class Api {
  readonly faults: Faults
  readonly routes: { method: 'get' | 'post'; path: string }[] = []
  private readonly rateLimits: Map<string, RateLimit>

  constructor(
    private readonly app: FastifyInstance,
    private readonly context: SimulatorContext,
    credentials: readonly Credential[],
    limits: RateLimitRules,
  ) {
    this.rateLimits = new Map(credentials.map(({ key, kind }) => [key, new RateLimit(kind, limits)]))
    const { knobs, random, clock, trace } = context
    const throttled = (request: FastifyRequest) => this.throttled(request)
    this.faults = new Faults({ knobs, random, clock, trace, throttled, refusals: REFUSALS })
  }

  get(path: string, operation: string, handler: Handler): void {
    this.routes.push({ method: 'get', path })
    const info: CallInfo = { operation, kind: 'read', weight: 1 }
    this.app.get(
      path,
      this.faults.route(info, (request) => this.handle(request, request.query, handler)),
    )
  }

  post(path: string, operation: string, handler: Handler): void {
    this.routes.push({ method: 'post', path })
    const info: CallInfo = { operation, kind: 'write', weight: 1 }
    this.app.post(
      path,
      this.faults.route(info, (request) => this.handle(request, request.body, handler)),
    )
  }

  private async handle(request: FastifyRequest, source: unknown, handler: Handler): Promise<ApiResponse> {
    const rateLimit = this.rateLimitOf(request)
    if (!rateLimit) return REFUSALS.unauthorized
    if (!this.context.state.hasPlan) {
      return { status: 403, body: { message: 'Luma Plus is required' } }
    }
    const limit = rateLimit.take(this.context.clock.now())
    if (!limit.allowed) return this.tooMany(limit)
    const headers = this.rateHeaders(limit)
    try {
      return { status: 200, headers, body: await handler(new Input(source)) }
    } catch (error) {
      if (error instanceof LumaError) return { status: error.status, headers, body: { message: error.message } }
      throw error
    }
  }

  private rateLimitOf(request: FastifyRequest): RateLimit | undefined {
    const key = request.headers['x-luma-api-key']
    return typeof key === 'string' ? this.rateLimits.get(key) : undefined
  }

  /** A call that the `throttleRate` knob rejects blocks the key like one beyond the limit. */
  private throttled(request: FastifyRequest): ApiResponse {
    const rateLimit = this.rateLimitOf(request)
    return rateLimit ? this.tooMany(rateLimit.block(this.context.clock.now())) : REFUSALS.unauthorized
  }

  private tooMany(limit: RateLimitState): ApiResponse {
    const seconds = Math.ceil((limit.resetAt - this.context.clock.now()) / 1_000)
    return {
      status: 429,
      headers: { ...this.rateHeaders(limit), 'Retry-After': String(seconds) },
      body: { message: 'Rate limit exceeded' },
    }
  }

  /** All times in the headers are by Luma's own clock. */
  private rateHeaders({ limit, remaining, resetAt }: RateLimitState): Record<string, string> {
    const iso = this.context.toggles.current.resetHeader === 'iso'
    return {
      Date: new Date(this.context.clock.now()).toUTCString(),
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(remaining),
      'X-RateLimit-Reset': iso ? new Date(resetAt).toISOString() : String(Math.ceil(resetAt / 1_000)),
    }
  }
}

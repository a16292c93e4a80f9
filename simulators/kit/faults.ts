import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Clock } from './clock.js'
import { drawLatency, type Knobs } from './knobs.js'
import type { Random } from './random.js'
import { BackgroundTasks } from './tasks.js'
import type { Trace } from './trace.js'

/** An answer as a value: it exists before, and apart from, being sent. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  /** Objects are sent as JSON, strings as they are. */
  body?: unknown
}

/** Thrown by a handler to answer with an error of the platform. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(`refused with ${answer.status}`)
  }
}

export interface CallInfo {
  operation: string
  kind: 'read' | 'write'
  /** Units of the platform's budget, for the trace. */
  weight: number
}

/** Does the work and says the answer. Runs at most once per request, and may run after the client is gone. */
export type ApiHandler = (request: FastifyRequest) => Answer | Promise<Answer>

export interface FaultPorts {
  knobs: Knobs
  random: Random
  clock: Clock
  trace: Trace
  /** How this platform says "too many calls". */
  throttled: (request: FastifyRequest) => Answer
}

type Fate =
  | { kind: 'ANSWER'; answer: Answer; fault: string | null }
  | { kind: 'RESET'; fault: string }
  /** No answer, ever; `late` is done after the client gave up. */
  | { kind: 'SILENCE'; fault: string; late: (() => Promise<void>) | null }

/** A client that never gives up is cut off after this, ms. */
const MAX_SILENCE_MS = 120_000

/** Stands between the API routes of a simulator and their handlers. Control routes do not pass here. */
export class Faults {
  readonly tasks = new BackgroundTasks()

  constructor(private readonly ports: FaultPorts) {}

  route(info: CallInfo | ((request: FastifyRequest) => CallInfo), handler: ApiHandler): RouteHandlerMethod {
    return async (request, reply) => {
      const call = typeof info === 'function' ? info(request) : info
      const at = this.ports.clock.now()
      const fate = await this.decide(call, request, handler)
      this.ports.trace.recordCall({
        at,
        method: request.method,
        path: request.url,
        operation: call.operation,
        weight: call.weight,
        status: fate.kind === 'ANSWER' ? fate.answer.status : 0,
        fault: fate.fault,
      })
      return this.carryOut(fate, request, reply)
    }
  }

  private async decide(call: CallInfo, request: FastifyRequest, handler: ApiHandler): Promise<Fate> {
    const { knobs, random, clock } = this.ports
    const { current } = knobs
    const wait = drawLatency(current.latencyMs, random) / 2
    await clock.sleep(wait)
    if (clock.now() < current.outageUntil) return this.serverError(503, 'outage')
    const spared = current.sparesReads && call.kind === 'read'
    const happens = (rate: number) => !spared && random.chance(rate)
    if (happens(current.throttleRate)) {
      return { kind: 'ANSWER', answer: this.ports.throttled(request), fault: 'throttle' }
    }
    if (happens(current.timeoutBeforeApply)) return this.silenceBeforeApply(call, request, handler)
    const error = happens(current.serverErrorRate) ? random.pick([500, 502, 503]) : null
    const reset = happens(current.connectionReset)
    // An error or a reset says nothing of the write: half of them come after it was applied.
    if ((error !== null || reset) && random.chance(0.5)) {
      return error === null ? { kind: 'RESET', fault: 'connectionReset' } : this.serverError(error, 'serverError')
    }
    const answer = await apply(handler, request)
    if (happens(current.timeoutAfterApply)) return { kind: 'SILENCE', fault: 'timeoutAfterApply', late: null }
    await clock.sleep(wait)
    if (error !== null) return this.serverError(error, 'serverErrorAfterApply')
    if (reset) return { kind: 'RESET', fault: 'connectionResetAfterApply' }
    return { kind: 'ANSWER', answer, fault: null }
  }

  private silenceBeforeApply(call: CallInfo, request: FastifyRequest, handler: ApiHandler): Fate {
    const { lateApplyMs } = this.ports.knobs.current
    const late = lateApplyMs > 0 && call.kind === 'write' ? async () => void (await apply(handler, request)) : null
    return { kind: 'SILENCE', fault: late ? 'lateApply' : 'timeoutBeforeApply', late }
  }

  private serverError(status: number, fault: string): Fate {
    const answer: Answer = this.ports.knobs.current.serverErrorHtml
      ? {
          status,
          headers: { 'content-type': 'text/html; charset=utf-8' },
          body: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
        }
      : { status, body: { error: 'SERVER_ERROR', message: 'simulated server error' } }
    return { kind: 'ANSWER', answer, fault }
  }

  private carryOut(fate: Fate, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (fate.kind === 'ANSWER') return send(reply, fate.answer)
    reply.hijack()
    const { socket } = request.raw
    if (fate.kind === 'RESET') {
      socket.resetAndDestroy()
      return reply
    }
    const { clock, knobs } = this.ports
    const { late } = fate
    const delay = knobs.current.lateApplyMs
    const started = this.tasks.start(async (signal) => {
      await gone(request, clock, signal)
      socket.destroy()
      if (!late) return
      await clock.sleep(delay, signal)
      if (!signal.aborted) await late()
    })
    if (!started) socket.destroy()
    return reply
  }
}

export function send(reply: FastifyReply, { status, headers = {}, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body)
}

async function apply(handler: ApiHandler, request: FastifyRequest): Promise<Answer> {
  try {
    return await handler(request)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

/** Resolves when the client closed its connection, or gave no sign of it for the longest time. */
async function gone(request: FastifyRequest, clock: Clock, signal: AbortSignal): Promise<void> {
  const { socket } = request.raw
  if (socket.destroyed) return
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  await clock.sleep(MAX_SILENCE_MS, AbortSignal.any([closed.signal, signal]))
}

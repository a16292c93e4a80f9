import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Clock } from '../clock.js'
import { connectionOf, type Connection } from '../connection.js'
import { FaultScript, type Fault } from './fault-script.js'
import { drawLatency, type Knobs } from './knobs.js'
import type { Random } from '../random.js'
import { BackgroundTasks } from '../tasks.js'
import type { Trace } from '../trace.js'

/** A response as a value, independent of being sent. */
export interface ApiResponse {
  status: number
  headers?: Record<string, string>
  /** Objects are sent as JSON, strings as they are. */
  body?: unknown
}

/** Thrown by a handler to respond with an error of the platform. */
export class Rejection extends Error {
  constructor(readonly response: ApiResponse) {
    super(`rejected with ${response.status}`)
  }
}

export interface CallInfo {
  operation: string
  kind: 'read' | 'write'
  /** Units of the platform's rate limit, for the trace. */
  weight: number
}

/** Handles a request and returns the response. Runs at most once per request, possibly after the client disconnected. */
export type ApiHandler = (request: FastifyRequest) => ApiResponse | Promise<ApiResponse>

/** The platform's responses to calls that it does not process. */
export interface Refusals {
  unauthorized: ApiResponse
  forbidden: ApiResponse
  /** An invalid request. */
  invalid: ApiResponse
}

export interface FaultPorts {
  knobs: Knobs
  random: Random
  clock: Clock
  trace: Trace
  /** The platform's response to too many calls. */
  throttled: (request: FastifyRequest) => ApiResponse
  refusals: Refusals
}

type Outcome =
  | { kind: 'RESPONSE'; response: ApiResponse; fault: string | null }
  | { kind: 'RESET'; fault: string }
  /** No response is sent; `late` is applied some time after the client gave up. */
  | { kind: 'SILENCE'; fault: string; late: { afterMs: number; apply: () => Promise<void> } | null }

/** The connection of a client that does not give up is closed after this. */
const MAX_SILENCE_MS = 120_000

/** Injects faults between the API routes of a simulator and their handlers. Control routes are not affected. */
export class Faults {
  readonly tasks = new BackgroundTasks()
  /** Faults of certain calls; the knobs apply to all others. */
  readonly script = new FaultScript()
  /** Called for each request that gets no response, so that a client in virtual time can give up at once. */
  onSilence: (() => void) | null = null

  constructor(private readonly ports: FaultPorts) {}

  route(info: CallInfo | ((request: FastifyRequest) => CallInfo), handler: ApiHandler): RouteHandlerMethod {
    return async (request, reply) => {
      const call = typeof info === 'function' ? info(request) : info
      const at = this.ports.clock.now()
      const outcome = await this.chooseOutcome(call, request, handler)
      this.ports.trace.recordCall({
        at,
        method: request.method,
        path: request.url,
        operation: call.operation,
        kind: call.kind,
        weight: call.weight,
        status: outcome.kind === 'RESPONSE' ? outcome.response.status : 0,
        fault: outcome.fault,
      })
      return this.deliver(outcome, request, reply)
    }
  }

  private async chooseOutcome(call: CallInfo, request: FastifyRequest, handler: ApiHandler): Promise<Outcome> {
    const { knobs, random, clock } = this.ports
    const scripted = this.script.take(call.kind)
    if (scripted) return this.scriptedOutcome(scripted, call, request, handler)
    const { current } = knobs
    const delayMs = drawLatency(current.latencyMs, random) / 2
    await clock.sleep(delayMs)
    if (clock.now() < current.outageUntil) return this.serverError(503, 'outage')
    const exempt = current.sparesReads && call.kind === 'read'
    const occurs = (rate: number) => !exempt && random.chance(rate)
    if (occurs(current.throttleRate)) {
      return { kind: 'RESPONSE', response: this.ports.throttled(request), fault: 'throttle' }
    }
    if (occurs(current.timeoutBeforeApply)) return this.silenceBeforeApply(call, request, handler, current.lateApplyMs)
    const error = occurs(current.serverErrorRate) ? random.pick([500, 502, 503]) : null
    const reset = occurs(current.connectionReset)
    // An error or a reset does not reveal whether the write was applied: it was in half of the cases.
    if ((error !== null || reset) && random.chance(0.5)) {
      return error === null ? { kind: 'RESET', fault: 'connectionReset' } : this.serverError(error, 'serverError')
    }
    const response = await runHandler(handler, request)
    if (occurs(current.timeoutAfterApply)) return { kind: 'SILENCE', fault: 'timeoutAfterApply', late: null }
    await clock.sleep(delayMs)
    if (error !== null) return this.serverError(error, 'serverErrorAfterApply')
    if (reset) return { kind: 'RESET', fault: 'connectionResetAfterApply' }
    return { kind: 'RESPONSE', response, fault: null }
  }

  private async scriptedOutcome(
    { fault, lateApplyMs }: Pick<Fault, 'fault' | 'lateApplyMs'>,
    call: CallInfo,
    request: FastifyRequest,
    handler: ApiHandler,
  ): Promise<Outcome> {
    const { throttled, refusals, knobs } = this.ports
    const respond = (response: ApiResponse): Outcome => ({ kind: 'RESPONSE', response, fault })
    switch (fault) {
      case 'throttle':
        return respond(throttled(request))
      case 'unauthorized':
      case 'forbidden':
        return respond(refusals[fault])
      case 'refusal':
        return respond(refusals.invalid)
      case 'serverError':
        return this.serverError(503, fault)
      case 'connectionReset':
        return { kind: 'RESET', fault }
      case 'timeoutBeforeApply':
        return this.silenceBeforeApply(call, request, handler, lateApplyMs || knobs.current.lateApplyMs)
      case 'serverErrorAfterApply':
      case 'connectionResetAfterApply':
      case 'timeoutAfterApply':
      case 'malformed':
      case 'emptyObject':
    }
    const response = await runHandler(handler, request)
    if (fault === 'serverErrorAfterApply') return this.serverError(503, fault)
    if (fault === 'connectionResetAfterApply') return { kind: 'RESET', fault }
    if (fault === 'timeoutAfterApply') return { kind: 'SILENCE', fault, late: null }
    return respond(fault === 'malformed' ? cutInside(response) : { ...response, status: 200, body: {} })
  }

  private silenceBeforeApply(call: CallInfo, request: FastifyRequest, handler: ApiHandler, afterMs: number): Outcome {
    const apply = async () => void (await runHandler(handler, request))
    const late = afterMs > 0 && call.kind === 'write' ? { afterMs, apply } : null
    return { kind: 'SILENCE', fault: late ? 'lateApply' : 'timeoutBeforeApply', late }
  }

  private serverError(status: number, fault: string): Outcome {
    const response: ApiResponse = this.ports.knobs.current.serverErrorHtml
      ? {
          status,
          headers: { 'content-type': 'text/html; charset=utf-8' },
          body: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
        }
      : { status, body: { error: 'SERVER_ERROR', message: 'simulated server error' } }
    return { kind: 'RESPONSE', response, fault }
  }

  private deliver(outcome: Outcome, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (outcome.kind === 'RESPONSE') return send(reply, outcome.response)
    reply.hijack()
    const connection = connectionOf(request.raw)
    if (outcome.kind === 'RESET') {
      connection.resetAndDestroy()
      return reply
    }
    const { clock } = this.ports
    const { late } = outcome
    const started = this.tasks.start(async (signal) => {
      await clientClosed(connection, clock, signal)
      connection.destroy()
      if (!late) return
      await clock.sleep(late.afterMs, signal)
      if (!signal.aborted) await late.apply()
    })
    if (!started) connection.destroy()
    this.onSilence?.()
    return reply
  }
}

export function send(reply: FastifyReply, { status, headers = {}, body }: ApiResponse): FastifyReply {
  return reply.code(status).headers(headers).send(body)
}

/** A success whose JSON ends too early. */
function cutInside({ headers, body }: ApiResponse): ApiResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
  const type = { 'content-type': 'application/json; charset=utf-8' }
  return { status: 200, headers: { ...headers, ...type }, body: text.slice(0, Math.ceil(text.length / 2)) }
}

async function runHandler(handler: ApiHandler, request: FastifyRequest): Promise<ApiResponse> {
  try {
    return await handler(request)
  } catch (error) {
    if (error instanceof Rejection) return error.response
    throw error
  }
}

/** Resolves when the client closed its connection, or after `MAX_SILENCE_MS`. */
async function clientClosed(connection: Connection, clock: Clock, signal: AbortSignal): Promise<void> {
  if (connection.destroyed) return
  const closed = new AbortController()
  connection.once('close', () => closed.abort())
  await clock.sleep(MAX_SILENCE_MS, AbortSignal.any([closed.signal, signal]))
}

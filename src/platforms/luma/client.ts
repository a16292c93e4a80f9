import type { PlatformResponse, PlatformHttp, PlatformRequest, PlatformResult } from '../http/platform-http.js'
import { continuesWrite, operationOf, type CallInOperation } from '../operation.js'
import type { CallContext, Failure, Outcome } from '../port.js'
import { ContractError, isJson, ok, rejected, textOf } from './answers.js'
import type { LumaConfig } from './config.js'
import { PAGE_SIZE } from './constants.js'
import { blockedUntil, verdictOf } from './limit-headers.js'
import { ServerClock, type CallStart } from './server-clock.js'

/** `deadline`: ms since the epoch, until which a whole operation may wait for budget. */
export interface LumaContext extends CallInOperation {
  deadline?: number
}

export interface LumaClientParts {
  config: Pick<LumaConfig, 'apiUrl' | 'apiKey'>
  http: PlatformHttp
  now: () => Date
  sleep: (ms: number) => Promise<void>
}

export type Query = Record<string, string | number | boolean | null>

/** Makes the value of a JSON answer, read at that instant by Luma's clock. @throws ContractError, which names what is missing */
export type Parse<T> = (json: unknown, readAt: Date) => T

export const ignoreAnswer: Parse<null> = () => null

/** An operation that is out of budget waits so long altogether, ms: it may hold a lock. */
const PATIENCE_MS = 5_000
const MAX_ATTEMPTS = 20

/** Luma's requests and what its answers mean. Never throws for what the platform or the network does. */
export class LumaClient {
  /** Rows asked for at once; null once Luma has refused that many: then a page has as many as it likes. */
  pageSize: number | null = PAGE_SIZE

  private readonly clock = new ServerClock()

  constructor(private readonly parts: LumaClientParts) {}

  /** The context of all calls of one operation. */
  operation(context: CallContext): LumaContext {
    return { ...operationOf(context), deadline: this.parts.now().getTime() + PATIENCE_MS }
  }

  get<T>(path: string, query: Query, operation: string, context: LumaContext, parse: Parse<T>): Promise<Outcome<T>> {
    const pairs = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]))
    const search = new URLSearchParams(Object.fromEntries(pairs) as Record<string, string>).toString()
    const suffix = search === '' ? '' : `?${search}`
    return this.call({ method: 'GET', kind: 'read', path: path + suffix, operation, context }, parse)
  }

  post<T>(path: string, json: unknown, operation: string, context: LumaContext, parse: Parse<T>): Promise<Outcome<T>> {
    return this.call({ method: 'POST', kind: 'write', path, json, operation, context }, parse)
  }

  private async call<T>(
    call: Pick<PlatformRequest, 'method' | 'kind' | 'json' | 'operation'> & { path: string; context: LumaContext },
    parse: Parse<T>,
  ): Promise<Outcome<T>> {
    const { config, http, now } = this.parts
    if (config.apiKey === null) return { kind: 'AUTH_FAILED', message: 'no Luma API key is configured' }
    const { path, context, ...request } = call
    const { start, result } = await this.patiently(
      {
        ...request,
        url: config.apiUrl + path,
        headers: { 'x-luma-api-key': config.apiKey, accept: 'application/json' },
        weight: 1,
        lane: context.lane,
        fence: context.fence,
        urgent: context.urgent,
        continues: continuesWrite(context),
      },
      context.deadline,
    )
    if (result.kind !== 'ANSWER') return result
    if (context.progress) context.progress.begun = true
    this.clock.learn(result.headers['date'], start, now())
    if (result.status === 429) return http.throttled(blockedUntil(result.headers, now()))
    const verdict = verdictOf(result.headers, now())
    if (verdict) await http.observe(verdict)
    if (result.status < 200 || result.status > 299) return failureOf(result, call.kind)
    return parsed(() => parse(result.json, this.clock.stamp(start)), call.kind)
  }

  private async patiently(
    request: PlatformRequest,
    deadline: number | undefined,
  ): Promise<{ start: CallStart; result: PlatformResult }> {
    const { http, now, sleep } = this.parts
    const end = deadline ?? now().getTime() + PATIENCE_MS
    for (let attempt = 1; ; attempt++) {
      const start = this.clock.begin(now())
      const result = await http.call(request)
      const waits = result.kind === 'THROTTLED' && attempt < MAX_ATTEMPTS && result.resumeAt.getTime() <= end
      if (!waits) return { start, result }
      await sleep(Math.max(1, result.resumeAt.getTime() - now().getTime()))
    }
  }
}

function parsed<T>(parse: () => T, kind: 'read' | 'write'): Outcome<T> {
  try {
    return ok(parse())
  } catch (error) {
    if (!(error instanceof ContractError)) throw error
    // A 2xx says that the write was done: "refused" would leave its effect out of the exposure.
    if (kind === 'write') return { kind: 'UNKNOWN', reason: `CONTRACT: ${error.message}` }
    return rejected('CONTRACT', error.message)
  }
}

function failureOf({ status, json }: PlatformResponse, kind: 'read' | 'write'): Failure {
  const message = (isJson(json) ? textOf(json, 'message', 'error') : null) ?? `Luma answered ${status}`
  if (status === 401 || status === 403) return { kind: 'AUTH_FAILED', message }
  if (status === 404) return { kind: 'GONE', message }
  if (status === 408) {
    return kind === 'write' ? { kind: 'UNKNOWN', reason: message } : { kind: 'UNAVAILABLE', reason: message }
  }
  return rejected(status === 400 || status === 422 ? 'BAD_REQUEST' : `HTTP_${status}`, message)
}

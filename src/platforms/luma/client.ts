import type { PlatformAnswer, PlatformHttp, PlatformRequest, PlatformResult } from '../http/platform-http.js'
import type { CallContext, Failure, Outcome } from '../port.js'
import { ContractError, isJson, ok, rejected, textOf } from './answers.js'
import type { LumaConfig } from './config.js'
import { PAGE_SIZE } from './constants.js'
import { blockedUntil, verdictOf } from './limit-headers.js'

export interface LumaClientParts {
  config: Pick<LumaConfig, 'apiUrl' | 'apiKey'>
  http: PlatformHttp
  now: () => Date
  sleep: (ms: number) => Promise<void>
}

export type Query = Record<string, string | number | boolean | null>

/** Turns what the parse function makes of a JSON answer into the value; a ContractError names what is missing. */
export type Parse<T> = (json: unknown) => T

export const ignoreAnswer: Parse<null> = () => null

/** A call that is out of budget waits so long, ms, and asks so often: an operation of many calls would else never end. */
const PATIENCE_MS = 5_000
const MOST_ATTEMPTS = 20

/** Luma's requests and what its answers mean. Never throws for what the platform or the network does. */
export class LumaClient {
  /** Rows asked for at once; null once Luma has refused that many: then a page has as many as it likes. */
  pageSize: number | null = PAGE_SIZE

  constructor(private readonly parts: LumaClientParts) {}

  get<T>(path: string, query: Query, operation: string, context: CallContext, parse: Parse<T>): Promise<Outcome<T>> {
    const pairs = Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]))
    const search = new URLSearchParams(Object.fromEntries(pairs) as Record<string, string>).toString()
    const suffix = search === '' ? '' : `?${search}`
    return this.call({ method: 'GET', kind: 'read', path: path + suffix, operation, context }, parse)
  }

  post<T>(path: string, json: unknown, operation: string, context: CallContext, parse: Parse<T>): Promise<Outcome<T>> {
    return this.call({ method: 'POST', kind: 'write', path, json, operation, context }, parse)
  }

  private async call<T>(
    call: Pick<PlatformRequest, 'method' | 'kind' | 'json' | 'operation'> & { path: string; context: CallContext },
    parse: Parse<T>,
  ): Promise<Outcome<T>> {
    const { config, http, now } = this.parts
    if (config.apiKey === null) return { kind: 'AUTH_FAILED', message: 'no Luma API key is configured' }
    const { path, context, ...request } = call
    const result = await this.patiently({
      ...request,
      url: config.apiUrl + path,
      headers: { 'x-luma-api-key': config.apiKey, accept: 'application/json' },
      weight: 1,
      lane: context.lane,
      fence: context.fence,
    })
    if (result.kind !== 'ANSWER') return result
    if (result.status === 429) return http.throttled(blockedUntil(result.headers, now()))
    const verdict = verdictOf(result.headers, now())
    if (verdict) await http.observe(verdict)
    if (result.status < 200 || result.status > 299) return failureOf(result, call.kind)
    return parsed(result.json, parse, call.kind)
  }

  private async patiently(request: PlatformRequest): Promise<PlatformResult> {
    const { http, now, sleep } = this.parts
    const end = now().getTime() + PATIENCE_MS
    let result = await http.call(request)
    for (let attempt = 1; result.kind === 'THROTTLED' && attempt < MOST_ATTEMPTS; attempt++) {
      if (result.resumeAt.getTime() > end) return result
      await sleep(Math.max(1, result.resumeAt.getTime() - now().getTime()))
      result = await http.call(request)
    }
    return result
  }
}

function parsed<T>(json: unknown, parse: Parse<T>, kind: 'read' | 'write'): Outcome<T> {
  try {
    return ok(parse(json))
  } catch (error) {
    if (!(error instanceof ContractError)) throw error
    // A 2xx says that the write was done: "refused" would leave its effect out of the exposure.
    if (kind === 'write') return { kind: 'UNKNOWN', reason: `CONTRACT: ${error.message}` }
    return rejected('CONTRACT', error.message)
  }
}

function failureOf({ status, json }: PlatformAnswer, kind: 'read' | 'write'): Failure {
  const message = (isJson(json) ? textOf(json, 'message', 'error') : null) ?? `Luma answered ${status}`
  if (status === 401 || status === 403) return { kind: 'AUTH_FAILED', message }
  if (status === 404) return { kind: 'GONE', message }
  if (status === 408) {
    return kind === 'write' ? { kind: 'UNKNOWN', reason: message } : { kind: 'UNAVAILABLE', reason: message }
  }
  return rejected(status === 400 || status === 422 ? 'BAD_REQUEST' : `HTTP_${status}`, message)
}

import type { PlatformHttp, PlatformRequest, PlatformResult } from '../../http/platform-http.js'
import { turnOf, operationOf, type CallInOperation } from '../../operation.js'
import type { CallContext, Outcome } from '../../port.js'
import { type LumaConfig, PAGE_SIZE } from '../config.js'
import { decodeResponse, failureOf } from './outcomes.js'
import { blockedUntil, readRateLimit } from './rate-limit.js'
import { ServerClock, type CallStart } from './server-clock.js'

/** `deadline`: until when the whole operation may wait for budget, ms since the epoch. */
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

/** Parses a JSON response, read at `readAt` by Luma's clock. @throws ContractError naming the missing field */
export type Parse<T> = (json: unknown, readAt: Date) => T

export const ignoreResponse: Parse<null> = () => null

/** The total time that one operation may wait for budget, ms: it may hold a lock. */
const MAX_WAIT_MS = 5_000
const MAX_ATTEMPTS = 20

/** Sends requests to Luma and maps its responses to outcomes. Never throws for platform or network errors. */
export class LumaClient {
  /** Rows requested per page; null once Luma has refused that number: Luma then chooses the page size. */
  pageSize: number | null = PAGE_SIZE

  private readonly clock = new ServerClock()

  constructor(private readonly parts: LumaClientParts) {}

  /** The context that all calls of one operation share. */
  operation(context: CallContext): LumaContext {
    return { ...operationOf(context), deadline: this.parts.now().getTime() + MAX_WAIT_MS }
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
    const { start, result } = await this.retryWhileThrottled(
      {
        ...request,
        url: config.apiUrl + path,
        headers: { 'x-luma-api-key': config.apiKey, accept: 'application/json' },
        weight: 1,
        lane: context.lane,
        fence: context.fence,
        urgent: context.urgent,
        ...turnOf(context),
      },
      context.deadline,
    )
    if (result.kind !== 'RESPONSE') return result
    if (context.progress) context.progress.started = true
    this.clock.observe(result.headers['date'], start, now())
    if (result.status === 429) return http.throttled(blockedUntil(result.headers, now()))
    const rateLimit = readRateLimit(result.headers, now())
    if (rateLimit) await http.observe(rateLimit)
    const failure = failureOf(result, call.kind)
    if (failure !== null) return failure
    return decodeResponse(() => parse(result.json, this.clock.timestampOf(start)), call.kind)
  }

  /** Retries a throttled request until `deadline`, at most `MAX_ATTEMPTS` times. */
  private async retryWhileThrottled(
    request: PlatformRequest,
    deadline: number | undefined,
  ): Promise<{ start: CallStart; result: PlatformResult }> {
    const { http, now, sleep } = this.parts
    const giveUpAt = deadline ?? now().getTime() + MAX_WAIT_MS
    for (let attempt = 1; ; attempt++) {
      const start = this.clock.startCall(now())
      const result = await http.call(request)
      const retry = result.kind === 'THROTTLED' && attempt < MAX_ATTEMPTS && result.resumeAt.getTime() <= giveUpAt
      if (!retry) return { start, result }
      await sleep(Math.max(1, result.resumeAt.getTime() - now().getTime()))
    }
  }
}

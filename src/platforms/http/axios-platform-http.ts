import { create, isAxiosError, isCancel, type AxiosInstance, type AxiosResponse } from 'axios'
import type { ClientRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/clock.js'
import { traced } from '../../infrastructure/tracing/spans.js'
import type { Log } from '../log.js'
import type { Budget, Permit, RateLimiter, Verdict } from '../throttle/limiter.js'
import { Admission } from './admission.js'
import { Breaker, type BreakerState } from './breaker.js'
import { Connections, type Agents } from './connections.js'
import type { PlatformHttp, PlatformRequest, PlatformResult } from './platform-http.js'
import { aboutCall, noteExchange } from './call-span.js'
import { readResponse, type RawResponse } from './read-answer.js'
import { redactText, redactUrl } from './redact.js'

/** One call as metrics see it. */
export interface CallObservation {
  operation: string
  /** `none`: nothing came back, or nothing was sent. */
  statusClass: '2xx' | '3xx' | '4xx' | '5xx' | 'none'
  seconds: number
  /** Refused for want of budget, by us or by the platform (429). */
  throttled: boolean
  outcome: PlatformResult['kind']
}

export interface PlatformHttpParts {
  platform: Platform
  budget: Budget
  limiter: RateLimiter
  clock: Clock
  log: Log
  observe?: (call: CallObservation) => void
  /** 0 to below 1, for jitter. */
  random?: () => number
  /** ms: until a connection stands (3,000), for the whole call (10,000), until an open breaker tries again (10,000). */
  timeouts?: { connectMs?: number; callMs?: number; breakerResetMs?: number }
}

/** What became of one request on the wire. */
interface Exchange {
  result: PlatformResult
  status: number | null
  /** False: not a byte of it went out. */
  sent: boolean
  /** A connection that had served before ended without an answer. */
  cutOff?: boolean
  /** The fence kept it back: that says nothing about the platform. */
  withheld?: boolean
}

const RESPONSE_LIMIT = 5 * 1_024 * 1_024
const REQUEST_LIMIT = 1_024 * 1_024
const REFUSED: Pick<Exchange, 'status' | 'sent'> = { status: null, sent: false }

/** `PlatformHttp` on axios, with one breaker for its platform. Never rejects for anything network or platform do. */
export class AxiosPlatformHttp implements PlatformHttp {
  private readonly connections: Connections
  private readonly client: AxiosInstance
  private readonly breaker: Breaker<Exchange>
  private readonly admission: Admission
  private readonly closing = new AbortController()
  private readonly callMs: number

  constructor(private readonly parts: PlatformHttpParts) {
    const { connectMs = 3_000, callMs = 10_000, breakerResetMs = 10_000 } = parts.timeouts ?? {}
    this.callMs = callMs
    this.connections = new Connections(connectMs)
    this.client = create({
      proxy: false,
      maxRedirects: 0,
      maxContentLength: RESPONSE_LIMIT,
      maxBodyLength: REQUEST_LIMIT,
      responseType: 'arraybuffer',
      validateStatus: null,
      headers: { accept: 'application/json', 'user-agent': 'traffic-police' },
    })
    const { budget, limiter } = parts
    const { signal } = this.closing
    const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined)
    this.admission = new Admission({
      budget,
      limiter,
      now: () => this.now(),
      sleep: pause,
      closed: () => signal.aborted,
    })
    this.breaker = new Breaker(
      (exchange) => !exchange.withheld && exchange.result.kind !== 'ANSWER',
      () => this.now(),
      breakerResetMs,
      (state) => parts.log(state === 'OPEN' ? 'warn' : 'info', 'Breaker changed', { platform: parts.platform, state }),
    )
  }

  /** Its span ends here: the platform is sent no `traceparent`. */
  async call(request: PlatformRequest): Promise<PlatformResult> {
    const { platform } = this.parts
    return traced(`${platform} ${request.operation}`, aboutCall(platform, request), async () => {
      const started = performance.now()
      const exchange = await this.admitted(request)
      noteExchange(exchange.result, exchange.status)
      this.report(request, exchange, (performance.now() - started) / 1_000)
      return exchange.result
    })
  }

  async throttled(until: Date) {
    // A little later than told, and not all at the same instant.
    const { random = Math.random } = this.parts
    const resumeAt = new Date(until.getTime() + 1_000 + Math.round(random() * 2_000))
    this.parts.log('warn', 'The platform throttles us', { platform: this.parts.platform, resumeAt })
    await this.parts.limiter.block(this.parts.budget, resumeAt)
    return { kind: 'THROTTLED' as const, resumeAt }
  }

  observe(verdict: Verdict): Promise<void> {
    return this.parts.limiter.observe(this.parts.budget, verdict)
  }

  breakerState(): BreakerState {
    return this.breaker.state
  }

  /** Ends kept connections and timers; later calls fail. */
  close(): void {
    this.closing.abort()
    this.breaker.close()
    this.connections.close()
  }

  private async admitted(request: PlatformRequest): Promise<Exchange> {
    const { lane, weight } = request
    const open: Exchange = { ...REFUSED, result: { kind: 'NOT_SENT', reason: 'the breaker is open' } }
    if (!this.breaker.admits(lane)) return open
    const permit = weight > 0 ? await this.permit(request) : null
    if (permit !== null && 'result' in permit) return permit
    const exchange = (await this.breaker.run(lane, () => this.exchange(request))) ?? open
    if (permit !== null && !exchange.sent) await this.refund(permit.reservation)
    return exchange
  }

  private async permit(request: PlatformRequest): Promise<Extract<Permit, { granted: true }> | Exchange> {
    try {
      const permit = await this.admission.permit(request)
      if (permit.granted) return permit
      return { ...REFUSED, result: { kind: 'THROTTLED', resumeAt: new Date(this.now() + permit.waitMs) } }
    } catch (error) {
      return { ...REFUSED, result: { kind: 'NOT_SENT', reason: `no budget: ${describe(error)}` } }
    }
  }

  /** Failing costs a little budget and nothing else. */
  private async refund(reservation: string): Promise<void> {
    const { limiter, budget, platform, log } = this.parts
    try {
      await limiter.refund(budget, reservation)
    } catch (error) {
      log('warn', 'An unused part of the budget stays charged', { platform, reason: describe(error) })
    }
  }

  /**
   * A server may close a kept connection just when a request goes out on it. A read is then made again, if the budget
   * allows; a write, of which nobody could tell what became, has a connection of its own.
   */
  private async exchange(request: PlatformRequest): Promise<Exchange> {
    const { kept, fresh } = this.connections
    if (request.kind === 'write') return (await withheld(request)) ?? this.exchangeOn(fresh, request)
    const first = await this.exchangeOn(kept, request)
    if (!first.cutOff) return first
    const permit = request.weight > 0 ? await this.permit(request) : null
    if (permit !== null && 'result' in permit) return first
    const second = await this.exchangeOn(fresh, request)
    if (permit !== null && !second.sent) await this.refund(permit.reservation)
    return { ...second, sent: true }
  }

  private async exchangeOn(agents: Agents, request: PlatformRequest): Promise<Exchange> {
    let response: RawResponse
    try {
      response = await this.send(request, agents)
    } catch (error) {
      const sent = this.mayHaveBeenSent(error)
      const reason = isCancel(error) ? `no answer within ${this.callMs} ms` : describe(error)
      return { status: null, sent, result: lost(request, reason, sent), cutOff: wasCutOff(error) }
    }
    const { status } = response
    const answer = readResponse(response)
    return { status, sent: true, result: 'failed' in answer ? lost(request, answer.failed, true) : answer }
  }

  private async send({ method, url, headers, json, form }: PlatformRequest, agents: Agents): Promise<RawResponse> {
    const body = form ? new URLSearchParams(form).toString() : json === undefined ? undefined : JSON.stringify(json)
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
    const response: AxiosResponse<Buffer> = await this.client.request({
      method,
      url,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': type }) },
      data: body,
      ...agents,
      signal: AbortSignal.timeout(this.callMs),
    })
    const received = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)])
    return {
      status: response.status,
      headers: Object.fromEntries(received) as Record<string, string>,
      body: response.data,
    }
  }

  /** Without a request to look at, the worse is assumed. */
  private mayHaveBeenSent(error: unknown): boolean {
    const request = isAxiosError(error) ? (error.request as ClientRequest | undefined) : undefined
    return request === undefined || this.connections.stood(request.socket)
  }

  private report({ operation, method, url }: PlatformRequest, { result, status }: Exchange, seconds: number): void {
    const { platform, log, observe } = this.parts
    const reason = 'reason' in result ? { reason: result.reason } : {}
    const details = {
      platform,
      operation,
      method,
      url: redactUrl(url),
      status,
      outcome: result.kind,
      seconds,
      ...reason,
    }
    log(result.kind === 'ANSWER' || result.kind === 'THROTTLED' ? 'debug' : 'warn', 'Platform call', details)
    observe?.({
      operation,
      statusClass: status === null ? 'none' : (`${Math.floor(status / 100)}xx` as CallObservation['statusClass']),
      seconds,
      throttled: result.kind === 'THROTTLED' || status === 429,
      outcome: result.kind,
    })
  }

  private now(): number {
    return this.parts.clock.now().getTime()
  }
}

/** Null: it may go out. A fence that cannot decide keeps the write back. */
async function withheld({ fence }: PlatformRequest): Promise<Exchange | null> {
  const keptBack = (reason: string): Exchange => ({ ...REFUSED, withheld: true, result: { kind: 'NOT_SENT', reason } })
  try {
    return fence === undefined || (await fence.beforeSend()) ? null : keptBack('the write is outdated')
  } catch (error) {
    return keptBack(`the write could not be recorded: ${describe(error)}`)
  }
}

function wasCutOff(error: unknown): boolean {
  if (!isAxiosError(error) || error.response !== undefined) return false
  const reused = (error.request as Partial<ClientRequest> | undefined)?.reusedSocket === true
  return reused && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

/** What a lost answer means: nothing, if nothing was sent; else a write may have been applied. */
function lost({ kind }: PlatformRequest, reason: string, sent: boolean): PlatformResult {
  if (kind === 'read') return { kind: 'UNAVAILABLE', reason }
  return { kind: sent ? 'UNKNOWN' : 'NOT_SENT', reason }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return redactText(String(error))
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : ''
  return redactText(`${code}${error.message}`)
}

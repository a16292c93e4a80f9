import { create, isAxiosError, isCancel, type AxiosInstance, type AxiosResponse } from 'axios'
import type { ClientRequest } from 'node:http'
import type { Platform } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'
import { traced } from '../../infrastructure/tracing/spans.js'
import type { Log } from '../log.js'
import type { Budget, Permit, RateLimiter, RateLimitStatus } from '../throttle/limiter.js'
import { Admission } from './admission.js'
import { Breaker, type BreakerState } from './breaker.js'
import { Connections, type Agents } from './connections.js'
import type { PlatformHttp, PlatformRequest, PlatformResult } from './platform-http.js'
import { NotConnected, type PlatformTransport } from './platform-transport.js'
import { callSpan, recordResult } from './call-span.js'
import { readResponse, type RawResponse } from './read-response.js'
import { redactText, redactUrl } from './redact.js'

/** One call as reported to metrics. */
export interface CallObservation {
  operation: string
  /** `none`: no response, or nothing was sent. */
  statusClass: '2xx' | '3xx' | '4xx' | '5xx' | 'none'
  seconds: number
  /** Refused by a rate limit, ours or the platform's (429). */
  throttled: boolean
  outcome: PlatformResult['kind']
}

export interface PlatformHttpParts {
  platform: Platform
  budget: Budget
  limiter: RateLimiter
  clock: Clock
  timers: Timers
  log: Log
  observe?: (call: CallObservation) => void
  /** 0 to below 1, for jitter. */
  random: () => number
  /** ms: to connect (3,000), for the whole call (10,000), until an open breaker allows a trial call (10,000). */
  timeouts?: { connectMs?: number; callMs?: number; breakerResetMs?: number }
  /** Default: sockets. */
  transport?: PlatformTransport | undefined
}

/** One HTTP request and its result. */
interface Exchange {
  result: PlatformResult
  status: number | null
  /** False: not a byte was sent. */
  sent: boolean
  /** A reused keep-alive connection was reset before a response. */
  connectionReset?: boolean
  /** The fence stopped it, which shows nothing about the platform. */
  fenced?: boolean
}

const MAX_RESPONSE_BYTES = 5 * 1_024 * 1_024
const MAX_REQUEST_BYTES = 1_024 * 1_024
const NOT_SENT: Pick<Exchange, 'status' | 'sent'> = { status: null, sent: false }
const OVERDUE: Exchange = {
  ...NOT_SENT,
  fenced: true,
  result: { kind: 'NOT_SENT', reason: 'the process was suspended' },
}

/** `PlatformHttp` on axios, with one circuit breaker. Never rejects for anything the network or the platform does. */
export class AxiosPlatformHttp implements PlatformHttp {
  private readonly connections: Connections
  private readonly client: AxiosInstance
  private readonly breaker: Breaker<Exchange>
  private readonly admission: Admission
  private readonly stopping = new AbortController()
  private readonly callMs: number

  constructor(private readonly parts: PlatformHttpParts) {
    const { connectMs = 3_000, callMs = 10_000, breakerResetMs = 10_000 } = parts.timeouts ?? {}
    this.callMs = callMs
    this.connections = new Connections(connectMs, parts.timers)
    this.client = create({
      proxy: false,
      maxRedirects: 0,
      maxContentLength: MAX_RESPONSE_BYTES,
      maxBodyLength: MAX_REQUEST_BYTES,
      responseType: 'arraybuffer',
      validateStatus: null,
      headers: { accept: 'application/json', 'user-agent': 'traffic-police' },
      ...(parts.transport && { adapter: parts.transport.adapter }),
    })
    const { budget, limiter, timers } = parts
    const { signal } = this.stopping
    const pause = (ms: number) => timers.sleep(ms, signal).catch(() => undefined)
    this.admission = new Admission({
      budget,
      limiter,
      now: () => this.now(),
      sleep: pause,
      stopping: () => signal.aborted,
    })
    const { platform, clock, log } = parts
    this.breaker = new Breaker({
      failed: (exchange) => !exchange.fenced && exchange.result.kind !== 'RESPONSE',
      clock,
      timers,
      resetMs: breakerResetMs,
      changed: (state) => log(state === 'OPEN' ? 'warn' : 'info', 'circuit breaker state changed', { platform, state }),
    })
  }

  /** The span is not propagated: no `traceparent` is sent to the platform. */
  async call(request: PlatformRequest): Promise<PlatformResult> {
    const { platform, clock } = this.parts
    return traced(`${platform} ${request.operation}`, callSpan(platform, request), async () => {
      const started = clock.monotonicMs()
      const exchange = await this.admitted(request)
      recordResult(exchange.result, exchange.status)
      this.report(request, exchange, (clock.monotonicMs() - started) / 1_000)
      return exchange.result
    })
  }

  async throttled(until: Date) {
    // Slightly after the reported instant, with jitter.
    const resumeAt = new Date(until.getTime() + 1_000 + Math.round(this.parts.random() * 2_000))
    this.parts.log('warn', 'rate limited by the platform', { platform: this.parts.platform, resumeAt })
    await this.parts.limiter.block(this.parts.budget, resumeAt)
    return { kind: 'THROTTLED' as const, resumeAt }
  }

  observe(status: RateLimitStatus): Promise<void> {
    return this.parts.limiter.observe(this.parts.budget, status)
  }

  breakerState(): BreakerState {
    return this.breaker.state
  }

  /** No call waits for budget any longer: it is throttled, as if its wait were too long. Others are sent as before. */
  endWaits(): void {
    this.stopping.abort()
  }

  /** Closes connections and timers; later calls fail. */
  close(): void {
    this.endWaits()
    this.breaker.shutdown()
    this.connections.close()
  }

  private async admitted(request: PlatformRequest): Promise<Exchange> {
    const { lane, weight } = request
    const open: Exchange = { ...NOT_SENT, result: { kind: 'NOT_SENT', reason: 'the circuit breaker is open' } }
    if (!this.breaker.allows(lane)) return open
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
      return { ...NOT_SENT, result: { kind: 'THROTTLED', resumeAt: new Date(this.now() + permit.waitMs) } }
    } catch (error) {
      return { ...NOT_SENT, result: { kind: 'NOT_SENT', reason: `no budget: ${describe(error)}` } }
    }
  }

  /** A failed refund only wastes a little budget. */
  private async refund(reservation: string): Promise<void> {
    const { limiter, budget, platform, log } = this.parts
    try {
      await limiter.refund(budget, reservation)
    } catch (error) {
      log('warn', 'failed to refund unused rate limit budget', { platform, reason: describe(error) })
    }
  }

  /**
   * A server may close a keep-alive connection at the moment a request is sent on it. A read is then retried once, if
   * the budget allows. A write would be left with an unknown outcome, so it gets a new connection.
   */
  private async exchange(request: PlatformRequest): Promise<Exchange> {
    const { keepAlive, fresh } = this.connections
    if (request.kind === 'write') return this.write(request)
    const read = (agents: Agents) => this.withinCallTime((signal) => this.exchangeOn(agents, request, signal))
    const first = await read(keepAlive)
    if (!first.connectionReset) return first
    const permit = request.weight > 0 ? await this.permit(request) : null
    if (permit !== null && 'result' in permit) return first
    const second = await read(fresh)
    if (permit !== null && !second.sent) await this.refund(permit.reservation)
    return { ...second, sent: true }
  }

  /**
   * Its time starts before the fence records the instant of sending: nothing of it is sent later than the time of one call
   * after that instant, also by a process that was suspended in between.
   */
  private async write(request: PlatformRequest): Promise<Exchange> {
    const started = { ms: this.parts.clock.monotonicMs(), at: this.now() }
    return this.withinCallTime(async (signal) => {
      const fenced = await checkFence(request)
      if (fenced) return fenced
      const passedMs = Math.max(this.parts.clock.monotonicMs() - started.ms, this.now() - started.at)
      if (passedMs >= this.callMs) return OVERDUE
      const exchange = await this.exchangeOn(this.connections.fresh, request, signal)
      if (exchange.status !== null) request.fence?.responded?.()
      return exchange
    })
  }

  private async exchangeOn(agents: Agents, request: PlatformRequest, signal: AbortSignal): Promise<Exchange> {
    let response: RawResponse
    const sentAt = new Date(this.now())
    try {
      response = await this.send(request, agents, signal)
    } catch (error) {
      const sent = this.mayHaveBeenSent(error)
      const reason = isCancel(error) ? `no response within ${this.callMs} ms` : describe(error)
      return { status: null, sent, result: noResponse(request, reason, sent), connectionReset: wasReset(error) }
    }
    const { status } = response
    const read = readResponse(response)
    return {
      status,
      sent: true,
      result: 'failed' in read ? noResponse(request, read.failed, true) : { ...read, sentAt },
    }
  }

  private async send(
    { method, url, headers, json, form }: PlatformRequest,
    agents: Agents,
    signal: AbortSignal,
  ): Promise<RawResponse> {
    const body = form ? new URLSearchParams(form).toString() : json === undefined ? undefined : JSON.stringify(json)
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
    const response = await this.client.request<Buffer, AxiosResponse<Buffer>>({
      method,
      url,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': type }) },
      data: body,
      ...agents,
      signal,
    })
    const received = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)])
    return {
      status: response.status,
      headers: Object.fromEntries(received) as Record<string, string>,
      body: response.data,
    }
  }

  /** Aborts the signal when the time of one call has passed. */
  private async withinCallTime<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = new AbortController()
    const cancel = this.parts.timers.after(this.callMs, () => timeout.abort())
    try {
      return await call(timeout.signal)
    } finally {
      cancel()
    }
  }

  /** Without a request to inspect, assumes that it was sent. */
  private mayHaveBeenSent(error: unknown): boolean {
    if (error instanceof NotConnected) return false
    const request = isAxiosError(error) ? (error.request as ClientRequest | undefined) : undefined
    return request === undefined || this.connections.wasEstablished(request.socket)
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
    log(result.kind === 'RESPONSE' || result.kind === 'THROTTLED' ? 'debug' : 'warn', 'platform request', details)
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

/** Null: the write may be sent. It is not sent when the fence fails. */
async function checkFence({ fence }: PlatformRequest): Promise<Exchange | null> {
  const fenced = (reason: string): Exchange => ({ ...NOT_SENT, fenced: true, result: { kind: 'NOT_SENT', reason } })
  try {
    return fence === undefined || (await fence.beforeSend()) ? null : fenced('the write is outdated')
  } catch (error) {
    return fenced(`the write could not be recorded: ${describe(error)}`)
  }
}

function wasReset(error: unknown): boolean {
  if (!isAxiosError(error) || error.response !== undefined) return false
  const reused = (error.request as Partial<ClientRequest> | undefined)?.reusedSocket === true
  return reused && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

/** Result of a request without a usable response: a write that was sent may have been applied. */
function noResponse({ kind }: PlatformRequest, reason: string, sent: boolean): PlatformResult {
  if (kind === 'read') return { kind: 'UNAVAILABLE', reason }
  return { kind: sent ? 'UNKNOWN' : 'NOT_SENT', reason }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return redactText(String(error))
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : ''
  return redactText(`${code}${error.message}`)
}

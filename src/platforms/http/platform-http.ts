import type { Lane } from '../../domain/channel.js'
import type { Failure, WriteFence } from '../port.js'
import type { RateLimitStatus } from '../throttle/limiter.js'

export interface PlatformRequest {
  method: 'GET' | 'POST' | 'DELETE'
  url: string
  headers: Record<string, string>
  /** Sent as JSON. */
  json?: unknown
  /** Sent form-encoded. */
  form?: Record<string, string>
  /** Without a response, a write has an unknown outcome (`UNKNOWN`) and a read has failed (`UNAVAILABLE`). */
  kind: 'read' | 'write'
  /** Units of the platform's budget: calls, or points on Meetup. 0: not rate limited (token requests). */
  weight: number
  lane: Lane
  /** A short fixed name for metrics and logs, e.g. `write_cap`. */
  operation: string
  /** A later step of an operation in progress: it precedes steps of its lane that start one. */
  continues?: boolean
  /** Waits for budget in place, for a limited time, instead of being refused. */
  waits?: boolean
  /** A read with the priority of the writes of its lane. */
  urgent?: boolean | undefined
  /** Checked immediately before a write is sent; if it fails, the result is NOT_SENT. */
  fence?: WriteFence | undefined
}

/**
 * A complete response with a status below 500. `json` is null for an empty body, and for a redirect, a plain-text 4xx
 * or a 401 or 429 that is not JSON. Any other body that is not JSON counts as no response.
 */
export interface PlatformResponse {
  kind: 'RESPONSE'
  status: number
  /** Lower-case names. */
  headers: Record<string, string>
  json: unknown
  /** When its request was sent. Absent: not known. */
  sentAt?: Date
}

export type PlatformResult =
  PlatformResponse | Extract<Failure, { kind: 'THROTTLED' | 'NOT_SENT' | 'UNKNOWN' | 'UNAVAILABLE' }>

/**
 * The only HTTP client of a platform: spends budget, passes the circuit breaker, has timeouts (connect 3 s, whole call
 * 10 s), follows no redirect, limits body sizes and redacts logs. A 5xx, HTML, timeout or reset is UNKNOWN for a write
 * and UNAVAILABLE for a read. A failed connect is NOT_SENT for a write and UNAVAILABLE for a read; an open breaker is
 * NOT_SENT for both; no budget is THROTTLED. What was not sent is not charged.
 */
export interface PlatformHttp {
  call(request: PlatformRequest): Promise<PlatformResult>
  /**
   * Called after a 429: blocks the budget for all processes until 1–3 s after `until`. Returns the outcome to pass on.
   */
  throttled(until: Date): Promise<Extract<Failure, { kind: 'THROTTLED' }>>
  /** Called with the rate limit status of a response. */
  observe(status: RateLimitStatus): Promise<void>
}

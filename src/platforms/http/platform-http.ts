import type { Lane } from '../../domain/channel.js'
import type { Failure, WriteFence } from '../port.js'
import type { Verdict } from '../throttle/limiter.js'

export interface PlatformRequest {
  method: 'GET' | 'POST' | 'DELETE'
  url: string
  headers: Record<string, string>
  /** Sent as JSON. */
  json?: unknown
  /** Sent form-encoded. */
  form?: Record<string, string>
  /** Decides what a lost answer means: a write of unknown outcome, or a read that says nothing. */
  kind: 'read' | 'write'
  /** Units of the platform's budget: calls, on Meetup points. 0 is not limited (token requests). */
  weight: number
  lane: Lane
  /** A short fixed name for metrics and logs, e.g. `write_cap`. */
  operation: string
  /** A later step of an operation that has begun: it goes before others of its lane, and waits for budget in place. */
  continues?: boolean
  /** A read that is served with the writes of its lane. */
  urgent?: boolean | undefined
  /** Asked right before the bytes of a write go out; a refusal is NOT_SENT. */
  fence?: WriteFence | undefined
}

/**
 * A complete answer of the platform below 500, whatever its status. `json` is null for an empty body, and for a
 * redirect, a refusal in plain words or a 429 that is not JSON; any other body that is not JSON is no answer.
 */
export interface PlatformResponse {
  kind: 'ANSWER'
  status: number
  /** Lower-case names. */
  headers: Record<string, string>
  json: unknown
}

export type PlatformResult =
  PlatformResponse | Extract<Failure, { kind: 'THROTTLED' | 'NOT_SENT' | 'UNKNOWN' | 'UNAVAILABLE' }>

/**
 * The one way out to a platform: takes budget, goes through the breaker, keeps time limits (connect 3 s, whole call
 * 10 s), follows no redirect, bounds the body and redacts. A 5xx, HTML, timeout or reset becomes UNKNOWN on a write
 * and UNAVAILABLE on a read. A connection that never stood is NOT_SENT for a write and UNAVAILABLE for a read; an open
 * breaker is NOT_SENT for both; no budget is THROTTLED. What was not sent is not charged.
 */
export interface PlatformHttp {
  call(request: PlatformRequest): Promise<PlatformResult>
  /** The platform throttled us: moves the clock that all processes share, 1–3 s beyond; answers the outcome to hand on. */
  throttled(until: Date): Promise<Extract<Failure, { kind: 'THROTTLED' }>>
  observe(verdict: Verdict): Promise<void>
}

import type { PlatformResponse } from '../../http/platform-http.js'
import { platformNow, retryAfterMs } from '../../http/retry-after.js'
import { isObject, type JsonObject } from '../../kit/response-shape.js'
import { countOrNull } from './contract.js'

const MIN_WAIT_MS = 1_000
/** The HTTP client adds up to 3 s of jitter: two minutes in total. */
const MAX_WAIT_MS = 117_000
/** If Meetup gives no reset time, or one before the request was sent: a whole window. */
export const UNSPECIFIED_WAIT_MS = 60_000

export interface RateLimitRefusal {
  resumeAt: Date
  /** Points used in this window as reported by Meetup; null: not reported. */
  consumed: number | null
  resetInMs: number
}

/** Reads a refusal for an exceeded rate limit, which has HTTP status 200 or 429. */
export function readRateLimit(response: PlatformResponse, error: JsonObject | null, now: Date): RateLimitRefusal {
  const extensions = error && isObject(error['extensions']) ? error['extensions'] : {}
  const waitMs = resetMs(extensions['resetAt'], response, now)
  const resetInMs = Math.min(Math.max(waitMs ?? UNSPECIFIED_WAIT_MS, MIN_WAIT_MS), MAX_WAIT_MS)
  return {
    resumeAt: new Date(now.getTime() + resetInMs),
    consumed: countOrNull(extensions['consumedPoints']),
    resetInMs,
  }
}

/**
 * Null: no reset time, or one that had passed when the request was sent. A window that has ended since then has ended.
 * Meetup's times refer to Meetup's clock.
 */
function resetMs(resetAt: unknown, response: PlatformResponse, now: Date): number | null {
  const { headers, sentAt = now } = response
  const at = typeof resetAt === 'string' ? Date.parse(resetAt) - platformNow(now, headers['date']) : Number.NaN
  if (at > sentAt.getTime() - now.getTime()) return Math.max(0, at)
  return retryAfterMs(headers['retry-after'], now, headers['date'])
}

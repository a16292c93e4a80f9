import type { PlatformResponse } from '../http/platform-http.js'
import { platformNow, retryAfterMs } from '../http/retry-after.js'
import { countOrNull, isObject, type JsonObject } from './contract.js'

const MIN_PAUSE_MS = 1_000
/** The way out adds up to 3 s so that not everyone returns at once: two minutes in all. */
const MAX_MS = 117_000
/** Where Meetup does not say, or says something that has passed: a whole window. */
export const UNSPECIFIED_WAIT_MS = 60_000

export interface RateLimited {
  resumeAt: Date
  /** Points that Meetup says were used in this window; null where it does not say. */
  consumed: number | null
  resetInMs: number
}

/** Reads a refusal over the budget, which comes as HTTP 200 or 429. */
export function readRateLimit(answer: PlatformResponse, error: JsonObject | null, now: Date): RateLimited {
  const extensions = error && isObject(error['extensions']) ? error['extensions'] : {}
  const told = resetMs(extensions['resetAt'], answer, now)
  const resetInMs = Math.min(Math.max(told ?? UNSPECIFIED_WAIT_MS, MIN_PAUSE_MS), MAX_MS)
  return {
    resumeAt: new Date(now.getTime() + resetInMs),
    consumed: countOrNull(extensions['consumedPoints']),
    resetInMs,
  }
}

/** Null when there is no such time or it has passed. Meetup's instants are by Meetup's clock. */
function resetMs(resetAt: unknown, { headers }: PlatformResponse, now: Date): number | null {
  const at = typeof resetAt === 'string' ? Date.parse(resetAt) - platformNow(now, headers['date']) : Number.NaN
  return at > 0 ? at : retryAfterMs(headers['retry-after'], now, headers['date'])
}

import { platformNow, retryAfterMs } from '../../http/retry-after.js'
import type { RateLimitStatus } from '../../throttle/limiter.js'
import { LUMA_BLOCK_MS } from '../config.js'

type Headers = Record<string, string>

/** A response may be on its way this long: a reset that is not longer ago has taken place since then. */
const LATE_MS = 10_000
/** Upper bound for invalid headers, which must not block the channel for a day. */
const MAX_BLOCK_MS = 600_000

/** When Luma accepts calls again after a 429: the latest time in its headers, at least `LUMA_BLOCK_MS` from now. */
export function blockedUntil(headers: Headers, now: Date): Date {
  const retryAfter = retryAfterMs(headers['retry-after'], now, headers['date']) ?? 0
  const wait = Math.max(LUMA_BLOCK_MS, retryAfter, resetInMs(headers, now) ?? 0)
  return new Date(now.getTime() + Math.min(MAX_BLOCK_MS, wait))
}

/** Our usage according to the rate limit headers; null if they are missing or invalid, or about a window that has just ended. */
export function readRateLimit(headers: Headers, now: Date): RateLimitStatus | null {
  const limit = wholeNumber(headers['x-ratelimit-limit'])
  const remaining = wholeNumber(headers['x-ratelimit-remaining'])
  if (limit === null || remaining === null || remaining > limit) return null
  const wait = resetInMs(headers, now) ?? LUMA_BLOCK_MS
  return wait > 0 ? { used: limit - remaining, limit, resetInMs: wait } : null
}

/** 0 or less: it was a moment ago. Null: no reset header, or an invalid one, such as a time long past. */
function resetInMs(headers: Headers, now: Date): number | null {
  const instant = resetInstant(headers['x-ratelimit-reset'])
  const wait = instant === null ? null : instant - platformNow(now, headers['date'])
  return wait !== null && wait > -LATE_MS ? wait : null
}

/** Unix seconds, Unix milliseconds or ISO 8601: the format is not documented. */
function resetInstant(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null
  const number = Number(text)
  if (Number.isFinite(number)) return number < 1e11 ? number * 1_000 : number
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? null : instant
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null
}

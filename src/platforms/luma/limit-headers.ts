import { retryAfterMs } from '../http/retry-after.js'
import type { Verdict } from '../throttle/limiter.js'
import { LUMA_BLOCK_MS } from './constants.js'

type Headers = Record<string, string>

/** A nonsense header must not shut the channel for a day. */
const LONGEST_BLOCK_MS = 600_000

/** When Luma will take calls again after a 429: the latest of what its headers say, and never before its own minute is over. */
export function blockedUntil(headers: Headers, now: Date): Date {
  const waits = [LUMA_BLOCK_MS, retryAfterMs(headers['retry-after'], now) ?? 0, resetInMs(headers, now)]
  return new Date(now.getTime() + Math.min(LONGEST_BLOCK_MS, Math.max(...waits)))
}

/** What the limit headers say of our use; null where they are missing or make no sense. */
export function verdictOf(headers: Headers, now: Date): Verdict | null {
  const limit = wholeNumber(headers['x-ratelimit-limit'])
  const remaining = wholeNumber(headers['x-ratelimit-remaining'])
  if (limit === null || remaining === null || remaining > limit) return null
  return { used: limit - remaining, limit, resetInMs: resetInMs(headers, now) }
}

function resetInMs(headers: Headers, now: Date): number {
  const instant = resetInstant(headers['x-ratelimit-reset'])
  return instant === null ? 0 : Math.max(0, instant - now.getTime())
}

/** Unix seconds, unix milliseconds or ISO 8601: which of them Luma sends is not documented. */
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

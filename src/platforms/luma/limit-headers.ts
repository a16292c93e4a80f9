import { retryAfterMs } from '../http/retry-after.js'
import type { Verdict } from '../throttle/limiter.js'
import { LUMA_BLOCK_MS } from './constants.js'

type Headers = Record<string, string>

/** A nonsense header must not shut the channel for a day. */
const MAX_BLOCK_MS = 600_000

/** When Luma will take calls again after a 429: the latest of what its headers say, and never before its own minute is over. */
export function blockedUntil(headers: Headers, now: Date): Date {
  const retryAfter = retryAfterMs(headers['retry-after'], clockOf(headers, now)) ?? 0
  const wait = Math.max(LUMA_BLOCK_MS, retryAfter, resetInMs(headers, now) ?? 0)
  return new Date(now.getTime() + Math.min(MAX_BLOCK_MS, wait))
}

/** What the limit headers say of our use; null where they are missing or make no sense. */
export function verdictOf(headers: Headers, now: Date): Verdict | null {
  const limit = wholeNumber(headers['x-ratelimit-limit'])
  const remaining = wholeNumber(headers['x-ratelimit-remaining'])
  if (limit === null || remaining === null || remaining > limit) return null
  return { used: limit - remaining, limit, resetInMs: resetInMs(headers, now) ?? LUMA_BLOCK_MS }
}

/** The instant an answer was made by the clock of who made it: times in it count from there. Ours where it has none. */
function clockOf(headers: Headers, now: Date): Date {
  const at = Date.parse(headers['date'] ?? '')
  return Number.isNaN(at) ? now : new Date(at)
}

/** Null: nothing is said, or nothing that makes sense, such as a time that is over. */
function resetInMs(headers: Headers, now: Date): number | null {
  const instant = resetInstant(headers['x-ratelimit-reset'])
  const wait = instant === null ? 0 : instant - clockOf(headers, now).getTime()
  return wait > 0 ? wait : null
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

/**
 * Parses `Retry-After` (seconds or an HTTP date) into ms from now. A date is compared to the response's `Date` header
 * where there is one, since the platform's clock may be minutes off. Null: invalid or in the past; the caller uses its
 * fallback.
 */
export function retryAfterMs(text: string | undefined, now: Date, dateHeader?: string): number | null {
  if (text === undefined) return null
  const seconds = /^\s*\d{1,9}\s*$/.test(text)
  const ms = seconds ? Number(text) * 1_000 : instantOf(text) - platformNow(now, dateHeader)
  return ms > 0 ? ms : null
}

/** `Date` has a resolution of seconds and arrives late: a smaller difference is ignored, ms. */
const CLOCK_TOLERANCE_MS = 2_000

/** Current time of the platform's clock, ms since the epoch. */
export function platformNow(now: Date, dateHeader: string | undefined): number {
  const platformMs = dateHeader === undefined ? Number.NaN : instantOf(dateHeader)
  const differs = Math.abs(platformMs - now.getTime()) > CLOCK_TOLERANCE_MS
  return differs ? platformMs : now.getTime()
}

/** Rejects bare numbers, which `Date.parse` reads as years. */
function instantOf(text: string): number {
  return /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
}

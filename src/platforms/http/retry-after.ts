/**
 * What `Retry-After` asks for, ms from now: seconds or an HTTP date. A date is measured against the answer's own `Date`
 * header where there is one, since the platform's clock may be minutes off. Null: nothing that makes sense, or an instant
 * that has passed: the caller's fallback counts.
 */
export function retryAfterMs(text: string | undefined, now: Date, dateHeader?: string): number | null {
  if (text === undefined) return null
  const seconds = /^\s*\d{1,9}\s*$/.test(text)
  const ms = seconds ? Number(text) * 1_000 : instantOf(text) - platformNow(now, dateHeader)
  return ms > 0 ? ms : null
}

/** `Date` is told to the second and arrives late: a difference below this is none, ms. */
const NO_DIFFERENCE_MS = 2_000

/** What the platform's clock shows, ms since the epoch. */
export function platformNow(now: Date, dateHeader: string | undefined): number {
  const shown = dateHeader === undefined ? Number.NaN : instantOf(dateHeader)
  const differs = Math.abs(shown - now.getTime()) > NO_DIFFERENCE_MS
  return differs ? shown : now.getTime()
}

/** `Date.parse` takes bare numbers for years. */
function instantOf(text: string): number {
  return /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
}

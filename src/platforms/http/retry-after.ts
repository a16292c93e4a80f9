/** What `Retry-After` asks for, ms from now: seconds or an HTTP date. Null: nothing that makes sense. */
export function retryAfterMs(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1_000
  // `Date.parse` takes bare numbers for years.
  const instant = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(instant) ? null : Math.max(0, instant - now.getTime())
}

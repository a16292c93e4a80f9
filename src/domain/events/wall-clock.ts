/** What a clock shows in an IANA time zone, e.g. `2026-12-03 18:30`. Throws RangeError for an unknown zone. */
export function wallClock(instant: Date, timeZone: string): string {
  const format = { dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23', timeZone } as const
  return new Intl.DateTimeFormat('sv-SE', format).format(instant)
}

const MARK_SECOND = 47
const MINUTE_MS = 60_000
/** 28 years, after which the calendar repeats. */
const PERIOD_MS = 10_227 * 86_400_000
/** No sale on Eventbrite can have ended before its foundation: an earlier end is our mark. */
const FOUNDED_MS = Date.UTC(2006, 0, 1)
/** Marks from then on are one period before the organizer's end, earlier ones two. */
const ONE_PERIOD_MS = Date.UTC(1998, 0, 1)

/** When a class is on sale; null: not reported. */
export interface SaleTimes {
  salesStart: Date | null
  salesEnd: Date | null
}

/**
 * Fields that end a sale now and encode the organizer's own end, so that opening can restore it without stored state.
 * Alternatives, to be tried in this order, since the platform may refuse an end before the start or long past: the end
 * moved back by whole periods; start and end moved back together; an end a moment ago, whose second (forms have whole
 * minutes only) marks it as ours and encodes nothing else.
 */
export function endSalesFields({ salesStart, salesEnd }: SaleTimes, now: Date): Record<string, string>[] {
  const near = { sales_end: toEventbriteTime(salesEndMark(now)) }
  const periods = salesEnd === null ? null : periodsTo(salesEnd)
  if (salesEnd === null || periods === null) return [near]
  const far = { sales_end: shifted(salesEnd, -periods) }
  return salesStart === null ? [far, near] : [far, { ...far, sales_start: shifted(salesStart, -periods) }, near]
}

/**
 * Fields that undo `endSalesFields`. `LOST`: the end is ours and does not encode the organizer's own. Null: it is not
 * ours.
 */
export function resumeSalesFields(
  { salesStart, salesEnd }: SaleTimes,
  now: Date,
): Record<string, string> | 'LOST' | null {
  if (salesEnd === null || !isOurMark(salesEnd, now)) return null
  if (salesEnd.getTime() >= FOUNDED_MS) return 'LOST'
  const periods = salesEnd.getTime() >= ONE_PERIOD_MS ? 1 : 2
  const resumed = { sales_end: shifted(salesEnd, periods) }
  if (salesStart === null || salesStart.getTime() >= FOUNDED_MS) return resumed
  return { ...resumed, sales_start: shifted(salesStart, periods) }
}

/** An end a moment ago that can be distinguished from an organizer's own: it is at second 47. */
export function salesEndMark(now: Date): Date {
  const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS
  return new Date(minute - MINUTE_MS + MARK_SECOND * 1000)
}

export function isOurMark(salesEnd: Date | null, now: Date): boolean {
  // A future end may be at any second.
  if (salesEnd === null || salesEnd > now) return false
  return salesEnd.getTime() < FOUNDED_MS || Math.floor(salesEnd.getTime() / 1000) % 60 === MARK_SECOND
}

/** `2026-11-05T18:00:12Z`: Eventbrite's times have whole seconds. */
export function toEventbriteTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`
}

/** Null: so far ahead that it could not be distinguished from the marks of nearer ends. */
function periodsTo(salesEnd: Date): number | null {
  if (salesEnd.getTime() < FOUNDED_MS + PERIOD_MS) return 1
  return salesEnd.getTime() < ONE_PERIOD_MS + 2 * PERIOD_MS ? 2 : null
}

function shifted(instant: Date, periods: number): string {
  return toEventbriteTime(new Date(instant.getTime() + periods * PERIOD_MS))
}

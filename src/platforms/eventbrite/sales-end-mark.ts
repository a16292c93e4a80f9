const MARK_SECOND = 47
const MINUTE_MS = 60_000
/** Calendars repeat after 28 years. */
const PERIOD_MS = 10_227 * 86_400_000
/** Nobody ended sales on Eventbrite before it was founded: an earlier end is ours. */
const FOUNDED_MS = Date.UTC(2006, 0, 1)
/** Marks from here on lie one period before the organizer's end, earlier ones two. */
const ONE_PERIOD_MS = Date.UTC(1998, 0, 1)

/** When a class is on sale; null: the platform says nothing. */
export interface SaleTimes {
  salesStart: Date | null
  salesEnd: Date | null
}

/**
 * Fields that end a sale now so that a later opening finds the organizer's own end in them, without the adapter
 * keeping state. To be tried in this order, since platforms may refuse an end before the start or long past:
 * the end moved back by whole periods, start and end moved back together, and an end a moment ago, which tells that it
 * is ours by its second (forms take whole minutes) and nothing else.
 */
export function endingSales({ salesStart, salesEnd }: SaleTimes, now: Date): Record<string, string>[] {
  const near = { sales_end: toEventbriteTime(salesEndMark(now)) }
  const periods = salesEnd === null ? null : periodsTo(salesEnd)
  if (salesEnd === null || periods === null) return [near]
  const far = { sales_end: shifted(salesEnd, -periods) }
  return salesStart === null ? [far, near] : [far, { ...far, sales_start: shifted(salesStart, -periods) }, near]
}

/**
 * Fields that undo `endingSales`. `LOST`: the end is ours and does not tell the organizer's own. Null: it is not ours.
 */
export function resumingSales({ salesStart, salesEnd }: SaleTimes, now: Date): Record<string, string> | 'LOST' | null {
  if (salesEnd === null || !isOurMark(salesEnd, now)) return null
  if (salesEnd.getTime() >= FOUNDED_MS) return 'LOST'
  const periods = salesEnd.getTime() >= ONE_PERIOD_MS ? 1 : 2
  const resumed = { sales_end: shifted(salesEnd, periods) }
  if (salesStart === null || salesStart.getTime() >= FOUNDED_MS) return resumed
  return { ...resumed, sales_start: shifted(salesStart, periods) }
}

/** An end a moment ago that can be told from an organizer's own: it lies at second 47. */
export function salesEndMark(now: Date): Date {
  const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS
  return new Date(minute - MINUTE_MS + MARK_SECOND * 1000)
}

export function isOurMark(salesEnd: Date | null, now: Date): boolean {
  // An end to come may lie at any second.
  if (salesEnd === null || salesEnd > now) return false
  return salesEnd.getTime() < FOUNDED_MS || Math.floor(salesEnd.getTime() / 1000) % 60 === MARK_SECOND
}

/** `2026-11-05T18:00:12Z`: Eventbrite's times have whole seconds. */
export function toEventbriteTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`
}

/** Null: so far ahead that it cannot be told from the marks of nearer ends. */
function periodsTo(salesEnd: Date): number | null {
  if (salesEnd.getTime() < FOUNDED_MS + PERIOD_MS) return 1
  return salesEnd.getTime() < ONE_PERIOD_MS + 2 * PERIOD_MS ? 2 : null
}

function shifted(instant: Date, periods: number): string {
  return toEventbriteTime(new Date(instant.getTime() + periods * PERIOD_MS))
}

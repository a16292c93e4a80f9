const MARK_SECOND = 47
const MINUTE_MS = 60_000

/**
 * An end of sales in the past that can be told from an organiser's own: forms take whole minutes, ours ends at second
 * 47. So a later opening undoes exactly what was set here, without the adapter keeping state.
 */
export function salesEndMark(now: Date): Date {
  const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS
  return new Date(minute - MINUTE_MS + MARK_SECOND * 1000)
}

export function isOurMark(salesEnd: Date | null): boolean {
  return salesEnd !== null && Math.floor(salesEnd.getTime() / 1000) % 60 === MARK_SECOND
}

/** `2026-11-05T18:00:12Z`: Eventbrite's times have whole seconds. */
export function toEventbriteTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`
}

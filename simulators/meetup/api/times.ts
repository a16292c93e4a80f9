const ZONE = { minutes: -300, text: '-05:00' }

/** A time in Meetup's format: to the second, in the event's zone, e.g. `2026-12-03T18:30:00-05:00`. */
export function meetupTime(ms: number): string {
  return `${new Date(ms + ZONE.minutes * 60_000).toISOString().slice(0, 19)}${ZONE.text}`
}

export function meetupTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : meetupTime(ms)
}

export interface EventPlace {
  name: string
  venue: string | null
  startsAt: Date
  /** IANA. */
  timezone: string
}

/** One line about an event for emails: name, venue and local time. */
export function eventLine({ name, venue, startsAt, timezone }: EventPlace): string {
  return `${name}${venue === null ? '' : ` at ${venue}`}, ${localTime(startsAt, timezone)}`
}

/** An instant in the event's time zone, followed by the zone's name. */
export function localTime(instant: Date, timezone: string): string {
  const format = { dateStyle: 'full', timeStyle: 'short', timeZone: timezone } as const
  return `${new Intl.DateTimeFormat('en-GB', format).format(instant)} (${timezone})`
}

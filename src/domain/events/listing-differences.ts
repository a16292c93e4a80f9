import { wallClock } from './wall-clock.js'

/** What an event or one of its listings shows. Null: not known, or not shown. */
export interface Shown {
  title: string | null
  startsAt: Date | null
  endsAt: Date | null
  timezone: string | null
  venue: string | null
}

export const CONTENTS_FIELDS = ['title', 'startsAt', 'endsAt', 'timezone', 'venue'] as const
export type ContentsField = (typeof CONTENTS_FIELDS)[number]

export interface NamedListing extends Shown {
  id: string
  /** For people. */
  name: string
}

export interface Difference {
  field: ContentsField
  /** Listings that show something else than the event; where the event shows nothing, all of those that show something. */
  listings: string[]
  /** E.g. `Luma shows 19:00, Meetup 18:30`. */
  text: string
}

/** The zone of an event that was created without one. */
const DEFAULT_ZONE = 'UTC'

/**
 * Where the listings of an event do not show the same as the event, or, where the event shows nothing, as each other. Times
 * are compared to the minute, titles and places without regard to case and spaces.
 */
export function differencesOf(own: Shown, listings: readonly NamedListing[]): Difference[] {
  // An event in the default zone may simply have none.
  const event = { ...own, timezone: own.timezone === DEFAULT_ZONE ? null : own.timezone }
  const zone = event.timezone ?? listings.find(({ timezone }) => timezone !== null)?.timezone ?? DEFAULT_ZONE
  return CONTENTS_FIELDS.flatMap((field) => {
    const known = listings.filter((listing) => listing[field] !== null)
    const reference = event[field] === null ? known[0] : event
    if (reference === undefined) return []
    const others = known.filter((listing) => !isSame(field, reference, listing, event))
    if (others.length === 0) return []
    const shown = event[field] === null ? known : others
    const texts = textsOf(field, [...(event[field] === null ? [] : [event]), ...shown], zone)
    const names = [...(event[field] === null ? [] : ['the event']), ...shown.map(({ name }) => name)]
    const text = names.map((name, index) => `${name}${index === 0 ? ' shows' : ''} ${texts[index]}`).join(', ')
    return [{ field, listings: shown.map(({ id }) => id), text: text.charAt(0).toUpperCase() + text.slice(1) }]
  })
}

function isSame(field: ContentsField, a: Shown, b: Shown, { startsAt }: Shown): boolean {
  switch (field) {
    case 'startsAt':
    case 'endsAt':
      return minuteOf(a[field]) === minuteOf(b[field])
    case 'timezone': {
      // Two names of which both show the same time on that day.
      const at = startsAt ?? a.startsAt ?? b.startsAt
      return a.timezone === b.timezone || (at !== null && clockIn(a.timezone, at) === clockIn(b.timezone, at))
    }
    case 'title':
      return normal(a.title) === normal(b.title)
    case 'venue':
      // One platform shows the name, another one the address with it.
      return normal(a.venue).includes(normal(b.venue)) || normal(b.venue).includes(normal(a.venue))
  }
}

/** On one day: only the times. */
function textsOf(field: ContentsField, shown: readonly Shown[], zone: string): string[] {
  if (field !== 'startsAt' && field !== 'endsAt') {
    return shown.map(({ [field]: value }) => (field === 'timezone' ? `${value}` : `“${value}”`))
  }
  const texts = shown.map(({ [field]: instant }) => (instant === null ? '' : clockIn(zone, instant)))
  const isOneDay = new Set(texts.map((text) => text.slice(0, 10))).size === 1
  return texts.map((text) => (isOneDay ? text.slice(11) : text))
}

function minuteOf(instant: Date | null): number {
  return Math.floor((instant?.getTime() ?? 0) / 60_000)
}

function normal(text: string | null): string {
  return (text ?? '').normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
}

/** A zone that is not known counts as UTC. */
function clockIn(zone: string | null, instant: Date): string {
  return wallClock(instant, zone !== null && isZone(zone) ? zone : DEFAULT_ZONE)
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('sv-SE', { timeZone: name }).format()
    return true
  } catch {
    return false
  }
}

import type { Outcome } from '../../port.js'
import type { MeetupClient } from '../client/client.js'
import type { OperationContext } from '../../operation.js'
import { isObject, type JsonObject, requireArray, requireObject } from '../../kit/response-shape.js'
import { decode } from '../../kit/outcomes.js'
import { countOrNull } from '../client/contract.js'
import type { EventCounts } from './event-state.js'
import {
  GUEST_LIST,
  GUEST_PAGE_SIZE,
  guestPage,
  LIVE_STATUSES,
  rsvpPage,
  type Operation,
} from '../client/operations.js'

/** Members with a live RSVP and the guests they bring. */
export interface AttendeeCount {
  /** Lower bound. Hidden members count once each: their guests are not visible. */
  atLeast: number
  /** False: the list exceeds the page limit, or nothing was counted. */
  known: boolean
}

const MAX_PAGES = 20

interface GuestCount {
  guests: number
  /** RSVPs with guests that Meetup does not show. */
  hidden: number
  known: boolean
}

/** Counts attendees from a counts query and the pages of RSVPs with guests, of up to `maxRows` rows each. */
export async function countAttendees(
  client: MeetupClient,
  eventId: string,
  counts: EventCounts,
  maxRows: number,
  context: OperationContext,
): Promise<Outcome<AttendeeCount>> {
  const rsvps = counts.rsvps ?? counts.yesCount
  if (rsvps === null) return { kind: 'OK', value: { atLeast: 0, known: false } }
  if (rsvps === 0) return { kind: 'OK', value: attendeesFromCounts(counts, { guests: 0, hidden: 0, known: true }) }
  const listed = await sumGuests(client, guestPage(Math.min(maxRows, GUEST_PAGE_SIZE)), eventId, context)
  // A schema without that filter: sum the guests over all rows.
  const guests =
    listed.kind === 'REJECTED' && listed.code === 'VALIDATION_ERROR'
      ? await sumGuests(client, rsvpPage(maxRows, false), eventId, context)
      : listed
  return guests.kind === 'OK' ? { kind: 'OK', value: attendeesFromCounts(counts, guests.value) } : guests
}

/** Attendees from the counts alone: exact if no guests are allowed, otherwise a lower bound. */
export function attendeesFromCounts(
  counts: EventCounts,
  { guests, hidden, known }: GuestCount = NO_GUESTS,
): AttendeeCount {
  const { rsvps, yesCount } = counts
  const rows = rsvps ?? yesCount ?? 0
  return { atLeast: Math.max(rows + guests + hidden, yesCount ?? 0), known: known && (rsvps ?? yesCount) !== null }
}

const NO_GUESTS: GuestCount = { guests: 0, hidden: 0, known: true }

async function sumGuests(
  client: MeetupClient,
  operation: Operation & { first: number },
  id: string,
  context: OperationContext,
): Promise<Outcome<GuestCount>> {
  let guests = 0
  let rows = 0
  let readable = true
  let filtered = operation.name === GUEST_LIST
  let after: string | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const event: Outcome<JsonObject> = await client.execute(operation, { id, first: operation.first, after }, context)
    if (event.kind !== 'OK') return event
    const read = decode(() => readGuestPage(event.value))
    if (read.kind !== 'OK') return read
    guests += read.value.guests
    rows += read.value.rows
    readable &&= read.value.readable
    // A row without guests: Meetup ignored the filter, so hidden rows may have no guests either.
    filtered &&= read.value.rows === read.value.withGuests
    const { next, total } = read.value
    if (next === null || next === after || read.value.rows === 0) {
      const hidden = filtered ? Math.max(0, (total ?? rows) - rows) : 0
      return { kind: 'OK', value: { guests, hidden, known: readable } }
    }
    after = next
  }
  return { kind: 'OK', value: { guests, hidden: 0, known: false } }
}

const LIVE: ReadonlySet<unknown> = new Set(LIVE_STATUSES)

function readGuestPage(event: JsonObject) {
  const rsvps = requireObject(event['rsvps'], 'event.rsvps')
  const nodes = requireArray(rsvps['edges'], 'event.rsvps.edges').map((edge) => (isObject(edge) ? edge['node'] : edge))
  const counts = nodes.map((node) => {
    if (!isObject(node) || !LIVE.has(node['status'])) return isObject(node) ? 0 : null
    return countOrNull(node['guestsCount'])
  })
  const guests = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  const info = isObject(rsvps['pageInfo']) ? rsvps['pageInfo'] : {}
  const next = info['hasNextPage'] === true && typeof info['endCursor'] === 'string' ? info['endCursor'] : null
  const withGuests = nodes.filter((node) => isObject(node) && node['guestsCount'] !== 0).length
  const readable = !counts.includes(null)
  return { guests, rows: nodes.length, withGuests, readable, next, total: countOrNull(rsvps['totalCount']) }
}

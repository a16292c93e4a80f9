import type { Outcome } from '../port.js'
import type { MeetupClient } from './client.js'
import type { OperationContext } from '../operation.js'
import { asList, asObject, countOrNull, isObject, withinContract, type JsonObject } from './contract.js'
import type { EventCounts } from './event-state.js'
import { GUEST_LIST, GUEST_PAGE_SIZE, guestPage, LIVE_STATUSES, rsvpPage, type Operation } from './operations.js'

/** People in seats: each RSVP and the guests it brings. */
export interface Heads {
  /** So many at least. Hidden members count once each; what guests they bring cannot be seen. */
  atLeast: number
  /** False when there was more to read than is read at once, or nothing was counted. */
  known: boolean
}

const MAX_PAGES = 20

interface Guests {
  guests: number
  /** RSVPs with guests that were not shown. */
  unseen: number
  known: boolean
}

/** Counts heads from a counts reading and the guests' page(s), of `most` rows each. */
export async function countHeads(
  client: MeetupClient,
  eventId: string,
  counts: EventCounts,
  most: number,
  context: OperationContext,
): Promise<Outcome<Heads>> {
  const rsvps = counts.rsvps ?? counts.yesCount
  if (rsvps === null) return { kind: 'OK', value: { atLeast: 0, known: false } }
  if (rsvps === 0) return { kind: 'OK', value: headsOf(counts, { guests: 0, unseen: 0, known: true }) }
  const listed = await sumGuests(client, guestPage(Math.min(most, GUEST_PAGE_SIZE)), eventId, context)
  // A schema without that filter: add the guests up over all rows.
  const guests =
    listed.kind === 'REJECTED' && listed.code === 'VALIDATION_ERROR'
      ? await sumGuests(client, rsvpPage(most, false), eventId, context)
      : listed
  return guests.kind === 'OK' ? { kind: 'OK', value: headsOf(counts, guests.value) } : guests
}

/** Heads from the counts alone: right where nobody may bring guests, else the least there can be. */
export function headsOf(counts: EventCounts, { guests, unseen, known }: Guests = NO_GUESTS): Heads {
  const { rsvps, yesCount } = counts
  const rows = rsvps ?? yesCount ?? 0
  return { atLeast: Math.max(rows + guests + unseen, yesCount ?? 0), known: known && (rsvps ?? yesCount) !== null }
}

const NO_GUESTS: Guests = { guests: 0, unseen: 0, known: true }

async function sumGuests(
  client: MeetupClient,
  operation: Operation & { first: number },
  id: string,
  context: OperationContext,
): Promise<Outcome<Guests>> {
  let guests = 0
  let rows = 0
  let readable = true
  let filtered = operation.name === GUEST_LIST
  let after: string | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer: Outcome<JsonObject> = await client.execute(operation, { id, first: operation.first, after }, context)
    if (answer.kind !== 'OK') return answer
    const read = withinContract(() => readGuestPage(answer.value))
    if (read.kind !== 'OK') return read
    guests += read.value.guests
    rows += read.value.rows
    readable &&= read.value.readable
    // A row without guests: the filter was not heeded, and rows that are not shown may have none.
    filtered &&= read.value.rows === read.value.withGuests
    const { next, total } = read.value
    if (next === null || next === after || read.value.rows === 0) {
      const unseen = filtered ? Math.max(0, (total ?? rows) - rows) : 0
      return { kind: 'OK', value: { guests, unseen, known: readable } }
    }
    after = next
  }
  return { kind: 'OK', value: { guests, unseen: 0, known: false } }
}

const LIVE: ReadonlySet<unknown> = new Set(LIVE_STATUSES)

function readGuestPage(event: JsonObject) {
  const rsvps = asObject(event['rsvps'], 'event.rsvps')
  const nodes = asList(rsvps['edges'], 'event.rsvps.edges').map((edge) => (isObject(edge) ? edge['node'] : edge))
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

import type { CallContext, Outcome } from '../port.js'
import { ContractError, list, object, ok, textOf } from './answers.js'
import type { LumaClient, Parse } from './client.js'
import { MAX_PAGES } from './constants.js'
import { parseGuest, seatsOf, type Guest, type GuestStatus } from './guest.js'

export interface Page<T> {
  entries: T[]
  /** Null: this was the last. */
  nextCursor: string | null
}

export const parsePage =
  <T>(parseEntry: (entry: unknown) => T): Parse<Page<T>> =>
  (json) => {
    const page = object(json, 'page')
    const entries = list(page['entries'], 'entries').map(parseEntry)
    if (typeof page['has_more'] !== 'boolean') throw new ContractError('has_more')
    const nextCursor = page['has_more'] ? textOf(page, 'next_cursor') : null
    if (page['has_more'] && nextCursor === null) throw new ContractError('next_cursor')
    return { entries, nextCursor }
  }

export interface GuestQuery {
  eventId: string
  status: GuestStatus
  cursor: string | null
  direction: 'asc nulls last' | 'desc nulls last'
}

/** One page of the guests of one status, by time of registration. 1 call. */
export async function guestPage(
  client: LumaClient,
  query: GuestQuery,
  context: CallContext,
): Promise<Outcome<Page<Guest>>> {
  const parameters = {
    event_id: query.eventId,
    approval_status: query.status,
    pagination_cursor: query.cursor,
    sort_column: 'registered_at',
    sort_direction: query.direction,
  }
  const read = (pagination_limit: number | null) => {
    const all = { ...parameters, pagination_limit }
    return client.get('/v1/events/guests/list', all, 'list_guests', context, parsePage(parseGuest))
  }
  const page = await read(client.pageSize)
  if (client.pageSize === null || page.kind !== 'REJECTED' || page.code !== 'BAD_REQUEST') return page
  // The server has a maximum, and does not say which.
  const smaller = await read(null)
  if (smaller.kind === 'OK') client.pageSize = null
  return smaller
}

/** Seats by ticket type; null stands for seats whose type Luma does not name. */
export type SeatCount = Map<string | null, number>

/**
 * Counts the seats of all guests of these statuses, each guest once however often pages show it. ⌈guests/100⌉ calls
 * per status. A page that fails makes the whole count fail.
 */
export async function countSeats(
  client: LumaClient,
  eventId: string,
  statuses: readonly GuestStatus[],
  context: CallContext,
): Promise<Outcome<SeatCount>> {
  const guests = new Map<string, Guest>()
  for (const status of statuses) {
    let cursor: string | null = null
    for (let page = 1; ; page++) {
      if (page > MAX_PAGES) return { kind: 'UNAVAILABLE', reason: `more than ${MAX_PAGES} pages of ${status} guests` }
      const query: GuestQuery = { eventId, status, cursor, direction: 'asc nulls last' }
      const read: Outcome<Page<Guest>> = await guestPage(client, query, context)
      if (read.kind !== 'OK') return read
      for (const guest of read.value.entries) guests.set(guest.id, guest)
      if (read.value.nextCursor === null) break
      if (read.value.nextCursor === cursor) return { kind: 'UNAVAILABLE', reason: 'the guest list does not move on' }
      cursor = read.value.nextCursor
    }
  }
  const count: SeatCount = new Map()
  for (const { typeId } of [...guests.values()].flatMap(seatsOf)) count.set(typeId, (count.get(typeId) ?? 0) + 1)
  return ok(count)
}

/** Seats of one ticket type, or of all. Seats of unknown type count everywhere: too many is safe, too few is not. */
export function seatsIn(count: SeatCount, ticketTypeId: string | null): number {
  if (ticketTypeId !== null) return (count.get(ticketTypeId) ?? 0) + (count.get(null) ?? 0)
  return [...count.values()].reduce((sum, seats) => sum + seats, 0)
}

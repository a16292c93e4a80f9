import { decode } from '../../kit/outcomes.js'
import type { CallContext, Outcome, UnreadableRow } from '../../port.js'
import { isObject } from '../../kit/response-shape.js'
import { optionalText } from '../client/contract.js'
import type { LumaClient } from '../client/client.js'
import { parseGuest, type Guest, type GuestStatus } from './guest.js'
import { parsePage, type Page } from '../client/pages.js'

/** A row of the guest list: a guest, or an unreadable row. */
export type GuestRow = { guest: Guest } | { unreadable: UnreadableRow; seats: number }

export interface GuestPage extends Page<GuestRow> {
  /** By Luma's clock. */
  readAt: Date
}

export interface GuestQuery {
  eventId: string
  status: GuestStatus
  cursor: string | null
  direction: 'asc nulls last' | 'desc nulls last'
}

/** Reads one page of the guests of one status, sorted by time of registration. 1 call. */
export async function readGuestPage(
  client: LumaClient,
  query: GuestQuery,
  context: CallContext,
): Promise<Outcome<GuestPage>> {
  const parameters = {
    event_id: query.eventId,
    approval_status: query.status,
    pagination_cursor: query.cursor,
    sort_column: 'registered_at',
    sort_direction: query.direction,
  }
  const read = (pagination_limit: number | null) => {
    const search = { ...parameters, pagination_limit }
    return client.get('/v1/events/guests/list', search, 'list_guests', context, parseGuestPage)
  }
  const page = await read(client.pageSize)
  if (client.pageSize === null || page.kind !== 'REJECTED' || page.code !== 'BAD_REQUEST') return page
  // The server has an undocumented maximum page size.
  const defaultSized = await read(null)
  if (defaultSized.kind === 'OK') client.pageSize = null
  return defaultSized
}

const parseRows = parsePage(parseRow)

function parseGuestPage(json: unknown, readAt: Date): GuestPage {
  return { ...parseRows(json, readAt), readAt }
}

/** An invalid row must not prevent the other rows from being read. */
function parseRow(row: unknown): GuestRow {
  const guest = decode(() => parseGuest(row))
  if (guest.kind === 'OK') return { guest: guest.value }
  return { unreadable: { orderId: guestIdOf(row), reason: guest.message }, seats: minSeats(row) }
}

function guestIdOf(row: unknown): string | null {
  if (!isObject(row)) return null
  return optionalText(isObject(row['guest']) ? row['guest'] : row, 'id', 'api_id')
}

/** An unreadable guest takes up at least one seat: counting too many is safe, too few is not. */
function minSeats(row: unknown): number {
  const guest = isObject(row) && isObject(row['guest']) ? row['guest'] : row
  const tickets = isObject(guest) ? guest['event_tickets'] : null
  return Array.isArray(tickets) ? Math.max(1, tickets.length) : 1
}

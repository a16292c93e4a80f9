import type { CallContext, Outcome, UnreadableRow } from '../port.js'
import { ContractError, isJson, textOf } from './answers.js'
import type { LumaClient } from './client.js'
import { parseGuest, type Guest, type GuestStatus } from './guest.js'
import { parsePage, type Page } from './pages.js'

/** A row of the guest list: a guest, or one that cannot be read and is set aside. */
export type GuestRow = { guest: Guest } | { unreadable: UnreadableRow; seats: number }

export interface GuestPage extends Page<GuestRow> {
  /** When it was read, by Luma's clock. */
  readAt: Date
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
): Promise<Outcome<GuestPage>> {
  const parameters = {
    event_id: query.eventId,
    approval_status: query.status,
    pagination_cursor: query.cursor,
    sort_column: 'registered_at',
    sort_direction: query.direction,
  }
  const read = (pagination_limit: number | null) => {
    const all = { ...parameters, pagination_limit }
    return client.get('/v1/events/guests/list', all, 'list_guests', context, parseGuestPage)
  }
  const page = await read(client.pageSize)
  if (client.pageSize === null || page.kind !== 'REJECTED' || page.code !== 'BAD_REQUEST') return page
  // The server has a maximum, and does not say which.
  const smaller = await read(null)
  if (smaller.kind === 'OK') client.pageSize = null
  return smaller
}

const parseRows = parsePage(parseRow)

function parseGuestPage(json: unknown, readAt: Date): GuestPage {
  return { ...parseRows(json, readAt), readAt }
}

/** A row that makes no sense must not keep its neighbours from being read. */
function parseRow(row: unknown): GuestRow {
  try {
    return { guest: parseGuest(row) }
  } catch (error) {
    if (!(error instanceof ContractError)) throw error
    return { unreadable: { orderId: guestIdIn(row), reason: error.message }, seats: seatsAtLeast(row) }
  }
}

function guestIdIn(row: unknown): string | null {
  if (!isJson(row)) return null
  return textOf(isJson(row['guest']) ? row['guest'] : row, 'id', 'api_id')
}

/** However little can be read of a guest, it takes up a seat: too many is safe, too few is not. */
function seatsAtLeast(row: unknown): number {
  const guest = isJson(row) && isJson(row['guest']) ? row['guest'] : row
  const tickets = isJson(guest) ? guest['event_tickets'] : null
  return Array.isArray(tickets) ? Math.max(1, tickets.length) : 1
}

import type { OrderSnapshot, TicketSnapshot } from '../../domain/order-snapshot.js'
import type { Listing } from '../port.js'
import { instantOf, isJson, list, object, requiredId, requiredText, textOf, typedText, type Json } from './answers.js'

/** approved, session (in checkout), pending_approval, invited, declined, waitlist; others may come. */
export type GuestStatus = string

export const HOLDS_NO_SEAT: ReadonlySet<GuestStatus> = new Set(['declined', 'waitlist', 'invited'])

export interface Guest {
  id: string
  status: GuestStatus
  tickets: { id: string; typeId: string | null }[]
  checkedIn: boolean
  name: string | null
  email: string | null
  registeredAt: Date | null
}

/** A guest as lists, single reads and deliveries show it. @throws ContractError */
export function parseGuest(value: unknown): Guest {
  const row = object(value, 'guest')
  // The old routes wrap it.
  const json = isJson(row['guest']) ? row['guest'] : row
  const id = requiredId(json, 'guest id', 'id', 'api_id')
  const status = requiredText(json, 'approval_status', 'approval_status')
  const tickets = ticketsOf(json, status)
  return {
    id,
    status,
    tickets: tickets.map((ticket) => ({
      id: requiredId(ticket, 'event_tickets.id', 'id', 'api_id'),
      typeId: textOf(ticket, 'event_ticket_type_id', 'event_ticket_type_api_id'),
    })),
    checkedIn: [json, ...tickets].some((each) => textOf(each, 'checked_in_at') !== null),
    name: typedText(json, 'user_name', 'name'),
    email: typedText(json, 'user_email', 'email'),
    registeredAt: instantOf(json, 'registered_at'),
  }
}

/**
 * Who is not in may come without tickets; of who is in, an answer that leaves them out tells nothing: taken for a guest
 * without tickets, it would cancel the ones that are recorded. Such a row is set aside, and counted as a seat.
 */
function ticketsOf(guest: Json, status: GuestStatus): Json[] {
  const { event_tickets: tickets } = guest
  if (tickets === null || (tickets === undefined && HOLDS_NO_SEAT.has(status))) return []
  return list(tickets, 'event_tickets').map((ticket) => object(ticket, 'event_tickets'))
}

/** What a guest takes up; one without tickets takes up one seat. */
export function seatsOf(guest: Guest): { id: string; typeId: string | null }[] {
  return guest.tickets.length > 0 ? guest.tickets : [{ id: `${guest.id}#0`, typeId: null }]
}

/**
 * An order is a guest, and its tickets are live while the guest is approved. Luma keeps no version of a guest: the
 * time at which it was read stands in, so that what was read later wins. Where one ticket type is the channel, a seat
 * whose type Luma does not name counts as one of it: too many is safe, too few is not.
 */
export function toSnapshot(
  guest: Guest,
  { externalEventId, externalTicketClassId }: Pick<Listing, 'externalEventId' | 'externalTicketClassId'>,
  readAt: Date,
): OrderSnapshot {
  const live = guest.status === 'approved'
  const seats = live ? seatsOf(guest) : guest.tickets
  return {
    orderId: guest.id,
    externalEventId,
    version: readAt.toISOString(),
    tickets: seats.map(({ id, typeId }): TicketSnapshot => ({
      ticketId: id,
      live,
      ticketClassId: typeId ?? externalTicketClassId,
    })),
    complete: true,
    buyer: guest.name === null && guest.email === null ? null : { name: guest.name, email: guest.email },
    placedAt: guest.registeredAt,
  }
}

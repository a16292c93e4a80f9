import type { OrderSnapshot, TicketSnapshot } from '../../domain/order-snapshot.js'
import { instantOf, isJson, list, object, requiredText, textOf } from './answers.js'

/** approved, session (in checkout), pending_approval, invited, declined, waitlist; others may come. */
export type GuestStatus = string

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
  const tickets = list(json['event_tickets'], 'event_tickets').map((ticket) => object(ticket, 'event_tickets'))
  return {
    id: requiredText(json, 'guest id', 'id', 'api_id'),
    status: requiredText(json, 'approval_status', 'approval_status'),
    tickets: tickets.map((ticket) => ({
      id: requiredText(ticket, 'event_tickets.id', 'id', 'api_id'),
      typeId: textOf(ticket, 'event_ticket_type_id', 'event_ticket_type_api_id'),
    })),
    checkedIn: [json, ...tickets].some((each) => textOf(each, 'checked_in_at') !== null),
    name: textOf(json, 'user_name', 'name'),
    email: textOf(json, 'user_email', 'email'),
    registeredAt: instantOf(json, 'registered_at'),
  }
}

/** What a guest takes up; one without tickets takes up one seat. */
export function seatsOf(guest: Guest): { id: string; typeId: string | null }[] {
  return guest.tickets.length > 0 ? guest.tickets : [{ id: `${guest.id}#0`, typeId: null }]
}

/**
 * An order is a guest, and its tickets are live while the guest is approved. Luma keeps no version of a guest: the
 * time at which it was read stands in, so that what was read later wins.
 */
export function toSnapshot(guest: Guest, externalEventId: string, readAt: Date): OrderSnapshot {
  const live = guest.status === 'approved'
  const seats = live ? seatsOf(guest) : guest.tickets
  return {
    orderId: guest.id,
    externalEventId,
    version: readAt.toISOString(),
    tickets: seats.map(({ id, typeId }): TicketSnapshot => ({ ticketId: id, live, ticketClassId: typeId })),
    complete: true,
    buyer: guest.name === null && guest.email === null ? null : { name: guest.name, email: guest.email },
    placedAt: guest.registeredAt,
  }
}

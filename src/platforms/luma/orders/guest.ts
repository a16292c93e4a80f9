import { isObject, type JsonObject, requireArray, requireId, requireObject } from '../../kit/response-shape.js'
import { optionalInstant, requireText, optionalText, optionalFreeText } from '../client/contract.js'

/** approved, session (in checkout), pending_approval, invited, declined, waitlist; Luma may add others. */
export type GuestStatus = string

export const STATUSES_WITHOUT_SEAT: ReadonlySet<GuestStatus> = new Set(['declined', 'waitlist', 'invited'])

export interface GuestTicket {
  id: string
  typeId: string | null
  typeName: string | null
  checkedInAt: Date | null
}

export interface Guest {
  id: string
  status: GuestStatus
  tickets: GuestTicket[]
  checkedIn: boolean
  /** The content of the guest's QR code, which all of the guest's tickets share. */
  code: string | null
  /** Where Luma has it for the guest and not per ticket. */
  guestCheckedInAt: Date | null
  name: string | null
  email: string | null
  registeredAt: Date | null
}

/** Parses a guest of a list, a single read or a delivery. @throws ContractError */
export function parseGuest(value: unknown): Guest {
  const row = requireObject(value, 'guest')
  // Older routes wrap the guest.
  const json = isObject(row['guest']) ? row['guest'] : row
  const id = requireId(optionalText(json, 'id', 'api_id'), 'guest id')
  const status = requireText(json, 'approval_status', 'approval_status')
  const tickets = ticketsOf(json, status)
  // Older deliveries have one time of a guest.
  const checkedInAt = optionalInstant(json, 'checked_in_at')
  return {
    id,
    status,
    tickets: tickets.map((ticket) => ({
      id: requireId(optionalText(ticket, 'id', 'api_id'), 'event_tickets.id'),
      typeId: optionalText(ticket, 'event_ticket_type_id', 'event_ticket_type_api_id'),
      typeName: optionalFreeText(ticket, 'name'),
      checkedInAt: optionalInstant(ticket, 'checked_in_at') ?? checkedInAt,
    })),
    code: optionalText(json, 'check_in_qr_code'),
    guestCheckedInAt: checkedInAt,
    checkedIn: [json, ...tickets].some((part) => optionalText(part, 'checked_in_at') !== null),
    name: optionalFreeText(json, 'user_name', 'name'),
    email: optionalFreeText(json, 'user_email', 'email'),
    registeredAt: optionalInstant(json, 'registered_at'),
  }
}

/**
 * A guest without a seat may have no `event_tickets`. For any other guest a missing field is not conclusive: reading it
 * as "no tickets" would cancel the recorded ones. Such a row is reported as unreadable, and counted as a seat.
 */
function ticketsOf(guest: JsonObject, status: GuestStatus): JsonObject[] {
  const { event_tickets: tickets } = guest
  if (tickets === null || (tickets === undefined && STATUSES_WITHOUT_SEAT.has(status))) return []
  return requireArray(tickets, 'event_tickets').map((ticket) => requireObject(ticket, 'event_tickets'))
}

/** The seats of a guest; one without tickets takes up one seat. */
export function seatsOf({ id, tickets, guestCheckedInAt: checkedInAt }: Guest): GuestTicket[] {
  return tickets.length > 0 ? tickets : [{ id: `${id}#0`, typeId: null, typeName: null, checkedInAt }]
}

import type { Platform } from '../domain/channel.js'
import type { Buyer, OrderSnapshot, TicketDetails } from '../domain/orders/order-snapshot.js'
import { singleLine } from '../infrastructure/text/single-line.js'
import { isWellFormed } from '../infrastructure/text/well-formed.js'

/** An order as read from a platform, for the channel it belongs to. */
export interface ObservedOrder {
  channelId: string
  platform: Platform
  snapshot: OrderSnapshot
  /** Only tickets of this class belong to the channel; null: all do. */
  ticketClassId: string | null
}

/** Tickets of other classes belong to other stock: they count as cancelled for this channel. */
export function ownTickets({ snapshot, ticketClassId }: ObservedOrder): OrderSnapshot {
  if (ticketClassId === null) return snapshot
  const own = (ticket: OrderSnapshot['tickets'][number]) => ticket.ticketClassId === ticketClassId
  return { ...snapshot, tickets: snapshot.tickets.map((ticket) => ({ ...ticket, live: ticket.live && own(ticket) })) }
}

/** In characters; PostgreSQL cannot index text longer than about 2,700 bytes. */
const MAX_ID_LENGTH = 500

/** Why a snapshot cannot be stored, independent of the record; null: it can. Ids are opaque but must be storable text. */
export function unstorableReason({
  orderId,
  externalEventId,
  version,
  tickets,
  placedAt,
}: OrderSnapshot): string | null {
  const ticketIds = tickets.flatMap(({ ticketId, ticketClassId }) => [ticketId, ticketClassId ?? ''])
  for (const id of [orderId, externalEventId, ...ticketIds]) {
    if (!isWellFormed(id)) return 'contains an id that is not well-formed text'
    if (id.length > MAX_ID_LENGTH) return `contains an id longer than ${MAX_ID_LENGTH} characters`
  }
  if (Number.isNaN(Date.parse(version))) return 'version is not a valid date-time'
  if (placedAt && Number.isNaN(placedAt.getTime())) return 'order time is not a valid date-time'
  return null
}

/** How far a platform's clock may be ahead of ours, ms. */
const MAX_AHEAD_MS = 5_000

/**
 * The snapshot of `now` with a version that later changes can exceed: a platform whose clock is ahead for a while would
 * otherwise hide every change until that time has come. The time of reading takes its place.
 */
export function withPlausibleVersion(snapshot: OrderSnapshot, now: Date): OrderSnapshot {
  if (Date.parse(snapshot.version) <= now.getTime() + MAX_AHEAD_MS) return snapshot
  return { ...snapshot, version: now.toISOString(), versionIsReadTime: true }
}

/** In characters; longer names are cut. */
const MAX_NAME_LENGTH = 200
/** In characters; a longer address is none, and part of it could be the address of another person. */
const MAX_EMAIL_LENGTH = 254

/** The snapshot with all text except ids converted to single lines of well-formed Unicode, of limited length. */
export function wellFormedSnapshot(snapshot: OrderSnapshot): OrderSnapshot {
  const { buyer, tickets } = snapshot
  const shown = tickets.some(({ details }) => details)
    ? tickets.map((ticket) => (ticket.details ? { ...ticket, details: wellFormedDetails(ticket.details) } : ticket))
    : tickets
  return { ...snapshot, buyer: buyer && wellFormedPerson(buyer), tickets: shown }
}

function wellFormedPerson({ name, email }: Buyer): Buyer {
  const isAddress = email !== null && email.length <= MAX_EMAIL_LENGTH
  return {
    name: name && singleLine(name, MAX_NAME_LENGTH),
    email: isAddress ? singleLine(email, MAX_EMAIL_LENGTH) : null,
  }
}

/** A code that cannot be stored unchanged is none: it would never match what is scanned. */
function wellFormedDetails({ holder, ticketType, code, checkedInAt }: TicketDetails): TicketDetails {
  const isStorable = code !== null && code.length <= MAX_ID_LENGTH && isWellFormed(code)
  return {
    holder: holder && wellFormedPerson(holder),
    ticketType: ticketType && singleLine(ticketType, MAX_NAME_LENGTH),
    code: isStorable ? code : null,
    checkedInAt,
  }
}

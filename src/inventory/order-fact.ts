import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import { isWellFormed, wellFormed } from '../infrastructure/text/well-formed.js'

/** What a platform shows of one order, for the channel it belongs to. */
export interface OrderFact {
  platform: Platform
  snapshot: OrderSnapshot
  /** Only tickets of this class belong to the channel; null: all do. */
  ticketClassId: string | null
}

/** Platforms that keep no version of an order: the time at which it was read stands in. */
const VERSIONS_ARE_READ_TIMES: ReadonlySet<Platform> = new Set(['LUMA'])

/** Whether a newer version alone means that something changed there. */
export function versionsAreReadTimes(platform: Platform): boolean {
  return VERSIONS_ARE_READ_TIMES.has(platform)
}

/** Tickets of other classes sell from other stock: here they are as good as cancelled. */
export function ownTickets({ snapshot, ticketClassId }: OrderFact): OrderSnapshot {
  if (ticketClassId === null) return snapshot
  const own = (ticket: OrderSnapshot['tickets'][number]) => ticket.ticketClassId === ticketClassId
  return { ...snapshot, tickets: snapshot.tickets.map((ticket) => ({ ...ticket, live: ticket.live && own(ticket) })) }
}

/** Characters; PostgreSQL indexes no text of more than about 2,700 bytes. */
const MAX_ID = 500

/** Why a snapshot cannot be stored, whatever the record says; null: it can. Ids are opaque, but must be text that stores. */
export function unstorableReason({
  orderId,
  externalEventId,
  version,
  tickets,
  placedAt,
}: OrderSnapshot): string | null {
  const inTickets = tickets.flatMap(({ ticketId, ticketClassId }) => [ticketId, ticketClassId ?? ''])
  for (const id of [orderId, externalEventId, ...inTickets]) {
    if (!isWellFormed(id)) return 'an id of it is not well-formed text'
    if (id.length > MAX_ID) return `an id of it is longer than ${MAX_ID} characters`
  }
  if (Number.isNaN(Date.parse(version))) return 'its version is not an instant'
  if (placedAt && Number.isNaN(placedAt.getTime())) return 'the time at which it was placed is not an instant'
  return null
}

/** The snapshot with everything but its ids made well-formed. */
export function wellFormedSnapshot(snapshot: OrderSnapshot): OrderSnapshot {
  const { buyer } = snapshot
  const text = (value: string | null) => value && wellFormed(value)
  return { ...snapshot, buyer: buyer && { name: text(buyer.name), email: text(buyer.email) } }
}

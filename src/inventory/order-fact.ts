import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'

/** What a platform shows of one order, for the channel it belongs to. */
export interface OrderFact {
  platform: Platform
  snapshot: OrderSnapshot
  /** Only tickets of this class belong to the channel; null: all do. */
  ticketClassId: string | null
}

/** Tickets of other classes sell from other stock: here they are as good as cancelled. */
export function ownTickets({ snapshot, ticketClassId }: OrderFact): OrderSnapshot {
  if (ticketClassId === null) return snapshot
  const own = (ticket: OrderSnapshot['tickets'][number]) => ticket.ticketClassId === ticketClassId
  return { ...snapshot, tickets: snapshot.tickets.map((ticket) => ({ ...ticket, live: ticket.live && own(ticket) })) }
}

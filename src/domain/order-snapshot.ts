/** One ticket of an order as a platform shows it. Counts one seat. */
export interface TicketSnapshot {
  ticketId: string
  live: boolean
  /** The platform's ticket class or type; null where it has none. */
  ticketClassId: string | null
}

export interface Buyer {
  name: string | null
  email: string | null
}

/** "Order O has these tickets, as of t": the only form in which sales enter the ledger. */
export interface OrderSnapshot {
  orderId: string
  externalEventId: string
  /** Orders snapshots of one order: an instant in RFC 3339 UTC with milliseconds. An older one never overwrites a newer one. */
  version: string
  tickets: TicketSnapshot[]
  /** True: tickets not listed are gone. False: nothing is known of tickets not listed. */
  complete: boolean
  buyer: Buyer | null
  placedAt: Date | null
}

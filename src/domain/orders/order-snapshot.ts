/** One ticket of an order as reported by a platform. Counts as one seat. */
export interface TicketSnapshot {
  ticketId: string
  live: boolean
  /** The platform's ticket class or type; null: the platform has none. */
  ticketClassId: string | null
}

export interface Buyer {
  name: string | null
  email: string | null
}

/** The tickets of an order as of one instant: the only form in which platform sales enter the ledger. */
export interface OrderSnapshot {
  orderId: string
  externalEventId: string
  /** Sorts snapshots of one order: RFC 3339 UTC with milliseconds. An older one never overwrites a newer one. */
  version: string
  /** True: the platform has no versions, and this one is the time of reading, so a newer one does not imply a change. */
  versionIsReadTime?: boolean
  tickets: TicketSnapshot[]
  /** True: tickets not listed are cancelled. False: the state of tickets not listed is unknown. */
  complete: boolean
  buyer: Buyer | null
  placedAt: Date | null
}

export interface Buyer {
  name: string | null
  email: string | null
}

/** What the door needs of a ticket. Null: the platform does not report it. */
export interface TicketDetails {
  /** Who comes with the ticket: the buyer, or the person that the buyer named. */
  holder: Buyer | null
  /** The name of its class or type. */
  ticketType: string | null
  /** The content of the QR code or barcode that the platform issued; tickets may share one. */
  code: string | null
  /** When the ticket was checked in on the platform; null: it is not. */
  checkedInAt: Date | null
}

/** One ticket of an order as reported by a platform. Counts as one seat. */
export interface TicketSnapshot {
  ticketId: string
  live: boolean
  /** The platform's ticket class or type; null: the platform has none. */
  ticketClassId: string | null
  /** Without: the snapshot shows nothing of them, and those recorded stay. */
  details?: TicketDetails
}

/** Version of an order that only a delivery has shown so far: whatever is read is newer, also without a known time. */
export const NEVER_READ = '1969-12-31T00:00:00.000Z'
/** Of such an order once the platform does not know it: whatever is read is newer. */
export const NOT_FOUND = '1969-12-31T00:00:00.001Z'

/** Time after which a platform shows every order that its webhook has reported, ms. */
export const SHOWN_AFTER_MS = 10_000

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

/** Which part of a list of upcoming listings is requested. */
export interface ListingQuery {
  /** Part of the name, in any case; null: all. */
  q: string | null
  /** The `nextCursor` of the previous page; null: the first page. */
  cursor: string | null
  /** Maximum number of listings. */
  limit: number
}

/** A ticket type of a listing. Null: the platform does not show it. */
export interface ListedTicketType {
  externalTicketClassId: string
  name: string
  capacity: number | null
  sold: number | null
  priceCents: number | null
  currency: string | null
  /** Buyers do not see it. */
  hidden: boolean
}

/** A listing that an account has ahead of it. Null: the platform does not show it, or there is no limit. */
export interface UpcomingListing {
  externalEventId: string
  name: string
  startsAt: Date | null
  timezone: string | null
  url: string | null
  capacity: number | null
  sold: number | null
  ticketTypes: ListedTicketType[]
}

/** Part of the list of an account's upcoming listings. */
export interface ListingPage {
  listings: UpcomingListing[]
  /** Opaque text; null on the last page. */
  nextCursor: string | null
}

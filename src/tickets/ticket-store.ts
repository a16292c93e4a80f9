/** A ticket as the door checks it. */
export interface CheckedTicket {
  /** Null: a platform has issued it. */
  code: string | null
  state: 'VALID' | 'CANCELLED'
}

/** A ticket as the account that bought it sees it. */
export interface BoughtTicket {
  id: string
  orderId: string
  eventId: string
  eventName: string
  startsAt: Date
  seat: string | null
  state: 'VALID' | 'CANCELLED'
  code: string | null
  createdAt: Date
}

/** Rows of tickets, read for their codes. */
export abstract class TicketStore {
  /** `accountId`: who bought it; null: a platform or staff sold it, or the buyer has no account. Null: unknown. */
  abstract find(id: string): Promise<(CheckedTicket & { accountId: string | null }) | null>

  /** Null: unknown. */
  abstract findByCode(code: string): Promise<CheckedTicket | null>

  /**
   * Up to `limit` tickets that the account has bought, cancelled ones too, by descending id. `before`: only those with a
   * smaller id; undefined: from the newest.
   */
  abstract boughtBy(accountId: string, before: string | undefined, limit: number): Promise<BoughtTicket[]>
}

/** A ticket as the door checks it. */
export interface CheckedTicket {
  /** Null: a platform has issued it. */
  code: string | null
  state: 'VALID' | 'CANCELLED'
}

/** Rows of tickets, read for their codes. */
export abstract class TicketStore {
  /** `accountId`: who bought it; null: a platform or staff sold it, or the buyer has no account. Null: unknown. */
  abstract find(id: string): Promise<(CheckedTicket & { accountId: string | null }) | null>

  /** Null: unknown. */
  abstract findByCode(code: string): Promise<CheckedTicket | null>
}

/** A ticket as its code is checked. */
export interface CheckedTicket {
  /** Null: a platform has issued it. */
  code: string | null
  /** TRANSFERRED: the code is one that the ticket had before it was given to another person. */
  state: 'VALID' | 'CANCELLED' | 'TRANSFERRED'
}

/** Whose a ticket is. Both null: a platform or staff sold it, or the buyer has no account. */
export interface TicketOwner {
  /** The account that has bought it and still has it. */
  accountId: string | null
  /** The address, in lower case, of the person it was given to. */
  transferredTo: string | null
}

/** A ticket as an account sees it that has bought it, or that it was given to. */
export interface AccountTicket extends TicketOwner {
  id: string
  orderId: string
  eventId: string
  eventName: string
  startsAt: Date
  seat: string | null
  state: 'VALID' | 'CANCELLED'
  code: string | null
  createdAt: Date
  /** Null: the buyer has it. */
  transferredAt: Date | null
}

/** Rows of tickets, read for their codes. */
export abstract class TicketStore {
  /** Null: unknown. */
  abstract find(id: string): Promise<(CheckedTicket & TicketOwner) | null>

  /** Also by a code that the ticket had before. Null: unknown. */
  abstract findByCode(code: string): Promise<CheckedTicket | null>

  /**
   * Up to `limit` tickets that the account has bought, those that it gave to others too, and those that were given to its
   * address; cancelled ones too; by descending id. `before`: only those with a smaller id; undefined: from the newest.
   * `email`: in lower case; null: it is not proved to be the account's.
   */
  abstract ofAccount(
    account: { id: string; email: string | null },
    before: string | undefined,
    limit: number,
  ): Promise<AccountTicket[]>
}

import type { Buyer } from '../domain/orders/order-snapshot.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export interface DirectOrder {
  id: string
  buyer: Buyer
  quantity: number
  /** One per ticket, or none. */
  seats: readonly string[]
}

export interface IssuedTicket {
  id: string
  seat?: string
  /** Checked at the door; not guessable. */
  code: string
}

/** An order with the tickets issued for it. */
export interface NewDirectOrder extends Pick<DirectOrder, 'id' | 'buyer'> {
  tickets: readonly IssuedTicket[]
}

/** Orders and tickets of the direct channel. */
export abstract class DirectOrderStore {
  /**
   * All or none. The tickets are valid at once. Rejects with a unique violation when a seat of the event has a valid ticket.
   */
  abstract insert(
    transaction: DatabaseTransaction,
    eventId: string,
    orders: readonly NewDirectOrder[],
    at: Date,
  ): Promise<void>

  /** The tickets of an order, by ascending id. */
  abstract ticketsOf(orderId: string): Promise<IssuedTicket[]>
}

import type { ChannelName } from '../domain/channel.js'
import type { Buyer } from '../domain/orders/order-snapshot.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export interface DirectOrder {
  id: string
  buyer: Buyer
  quantity: number
  /** Per ticket, in the smallest unit of the event's currency; 0: nothing was paid through this service. */
  priceCents: number
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

/** An order as recorded. */
export interface RecordedDirectOrder {
  id: string
  eventId: string
  state: 'PLACED' | 'CANCELLED'
  /** Valid tickets. */
  quantity: number
  buyer: Buyer
}

/** A ticket that the buyer gave to another person. */
export interface GivenTicket {
  id: string
  seat: string | null
  holder: Buyer
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

  /** The event and the channel of any order, also of a platform; null: unknown. */
  abstract find(orderId: string): Promise<{ eventId: string; platform: ChannelName } | null>

  /** As the transaction sees it. Rejects for an unknown order. */
  abstract read(transaction: DatabaseTransaction, orderId: string): Promise<RecordedDirectOrder>

  /** Cancels the order with all its tickets. Its row and those of its tickets remain. */
  abstract cancel(transaction: DatabaseTransaction, orderId: string, at: Date): Promise<void>

  /** The tickets of an order that the buyer gave to others, with their holders, by ascending id. As the transaction sees it. */
  abstract givenTickets(transaction: DatabaseTransaction, orderId: string): Promise<GivenTicket[]>

  /** The valid tickets of an order that the buyer has not given to others, by ascending id. */
  abstract ticketsOf(orderId: string): Promise<IssuedTicket[]>
}

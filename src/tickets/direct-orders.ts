import { Injectable } from '@nestjs/common'
import { randomBytes } from 'node:crypto'
import type { Buyer } from '../domain/orders/order-snapshot.js'
import { newId } from '../infrastructure/ids.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { DirectOrderStore, type DirectOrder, type IssuedTicket } from './direct-order-store.js'

/** An order with the tickets issued for it. */
export interface DirectSale {
  id: string
  buyer: Buyer
  /** Per ticket; 0: nothing was paid through this service. */
  priceCents: number
  tickets: IssuedTicket[]
}

const CODE_BYTES = 18

/** Issues tickets for direct orders. */
@Injectable()
export class DirectOrders {
  constructor(private readonly store: DirectOrderStore) {}

  /** Writes the orders with their tickets, which are valid at once. Returns the sales in the order of the input. */
  async write(
    transaction: DatabaseTransaction,
    eventId: string,
    orders: readonly DirectOrder[],
    now: Date,
  ): Promise<DirectSale[]> {
    const sales = orders.map(({ id, buyer, quantity, priceCents, seats }) => ({
      id,
      buyer,
      priceCents,
      tickets: Array.from({ length: quantity }, (_, index) => newTicket(seats[index])),
    }))
    await this.store.insert(transaction, eventId, sales, now)
    return sales
  }

  /** The valid tickets of an order that the buyer has not given to others, oldest first. */
  ticketsOf(orderId: string): Promise<IssuedTicket[]> {
    return this.store.ticketsOf(orderId)
  }
}

function newTicket(seat: string | undefined): IssuedTicket {
  return { id: newId('tkt'), ...(seat === undefined ? {} : { seat }), code: newTicketCode() }
}

export function newTicketCode(): string {
  // A spreadsheet would read a leading dash as a formula.
  return randomBytes(CODE_BYTES).toString('base64url').replace(/^-/, '_')
}

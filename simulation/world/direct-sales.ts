import { holdKey, type MemoryDatabase } from '../../src/adapters/memory/memory-database.js'
import type { HoldRow } from '../../src/adapters/memory/rows.js'
import type { IssuedTicket } from '../../src/tickets/direct-order-store.js'

/** What staff have requested, and what they know to be done. */
export interface Cancellation {
  refundRequested: boolean
  done: boolean
  refundDone: boolean
}

/** What buyers of the service itself have received. */
export class DirectSales {
  private purchases = 0
  /** Ids of the tickets that a response contained, by hold. */
  readonly promised = new Map<string, readonly string[]>()
  /** Orders that staff cancel. */
  private readonly cancellations = new Map<string, Cancellation>()

  constructor(private readonly database: MemoryDatabase) {}

  nextPurchase(): number {
    return ++this.purchases
  }

  promise(holdId: string, tickets: readonly IssuedTicket[]): void {
    this.promised.set(
      holdId,
      tickets.map(({ id }) => id),
    )
  }

  cancellationRequested(orderId: string, refund: boolean): void {
    const known = this.cancellations.get(orderId) ?? { refundRequested: false, done: false, refundDone: false }
    this.cancellations.set(orderId, { ...known, refundRequested: known.refundRequested || refund })
  }

  /** A response has confirmed it. */
  cancellationDone(orderId: string, refund: boolean): void {
    const known = this.cancellations.get(orderId)
    if (known) this.cancellations.set(orderId, { ...known, done: true, refundDone: known.refundDone || refund })
  }

  /** Undefined: it was never requested. */
  cancellationOf(orderId: string): Cancellation | undefined {
    return this.cancellations.get(orderId)
  }

  /** The order of a hold is cancelled. */
  isCancelled({ orderId }: Pick<HoldRow, 'orderId'>): boolean {
    return orderId !== null && this.database.orders.get(null, orderId)?.state === 'CANCELLED'
  }

  /** Whether a notification about a payment is stored; one whose reference is not stored yet is processed in any case. */
  isNotified(reference: string): boolean {
    const [payment] = this.database.payments.where(null, (row) => row.reference === reference)
    return !payment || payment.hints > 0 || payment.state === 'SUCCEEDED' || payment.state === 'REFUNDED'
  }

  /** The committed hold of a request; undefined: there is none. */
  holdOf(eventId: string, accountId: string, idempotencyKey: string): HoldRow | undefined {
    return this.database.holds.getUnique(null, holdKey({ eventId, accountId, idempotencyKey }) ?? '')
  }
}

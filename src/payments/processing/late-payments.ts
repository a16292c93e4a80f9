import { Injectable } from '@nestjs/common'
import { mayPlatformsSellFreeUnits } from '../../channels/channel-state.js'
import { DIRECT } from '../../domain/channel.js'
import { sold } from '../../domain/stock/ledger-account.js'
import { holdAccounts, originOf } from '../../domain/hold.js'
import type { Movement } from '../../domain/stock/posting.js'
import type { Event } from '../../domain/event-record.js'
import type { Hold } from '../../domain/hold-record.js'
import { HoldSeats } from '../../holds/hold-seats.js'
import { HoldStore } from '../../holds/hold-store.js'
import { OfferedEntries } from '../../holds/offered-entries.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { newId } from '../../infrastructure/ids.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { EventStore } from '../../stock/event-store.js'
import { Stock } from '../../stock/stock.js'
import type { StockTransaction } from '../../stock/stock-transaction.js'
import { StockEvents } from '../../stock/stock-events.js'
import { DirectOrders } from '../../tickets/direct-orders.js'
import { saleConflict } from '../../domain/sale-conflict.js'
import { TicketMails } from '../../tickets/ticket-mails.js'
import { PaymentStore, type Payment } from '../payment-store.js'
import { PaymentRows } from './payment-rows.js'

/** `UNDECIDED`: another payment of the buyer is pending; if it succeeds, this one is to be refunded. */
export type LateOutcome = 'SOLD' | 'REFUND_DUE' | 'ALREADY_DECIDED' | 'UNDECIDED'

const NOT_AVAILABLE = 'The tickets were no longer available.'
const ALREADY_BOUGHT = 'You already have tickets for this event.'

/**
 * Payments that succeed after their hold's stock was returned. They buy the same quantity and the same seats again if
 * these are still available and on sale and the buyer has no tickets for the event by now; otherwise a refund is due.
 */
@Injectable()
export class LatePayments {
  constructor(
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly rows: PaymentRows,
    private readonly payments: PaymentStore,
    private readonly events: EventStore,
    private readonly holds: HoldStore,
    private readonly seats: HoldSeats,
    private readonly entries: OfferedEntries,
    private readonly directOrders: DirectOrders,
    private readonly ticketMails: TicketMails,
    private readonly stockEvents: StockEvents,
  ) {}

  /** Idempotent. Sale or refund is decided in one transaction with the stock. */
  async sellOrMarkRefundDue(payment: Payment): Promise<LateOutcome> {
    const { eventId } = payment
    const { outcome, quantity } = await this.stock.transact(eventId, (tx) => this.decide(tx, payment))
    if (outcome === 'SOLD') this.stockEvents.emitChanged({ eventId, channel: 'DIRECT', delta: quantity, orders: [] })
    return outcome
  }

  private async decide(tx: StockTransaction, payment: Payment): Promise<{ outcome: LateOutcome; quantity: number }> {
    const { transaction } = tx
    const { id, holdId, eventId } = payment
    const state = await this.payments.stateOf(transaction, id)
    const [hold] = await this.holds.ofEvent(transaction, eventId, [holdId])
    if (!hold) throw new Error(`payment ${id} has no hold`)
    const { channels, ...event } = await this.events.withChannels(transaction, eventId)
    const { quantity, source } = hold
    if (state !== 'FAILED') return { outcome: state === 'REFUND_DUE' ? 'REFUND_DUE' : 'ALREADY_DECIDED', quantity }
    const other = await this.payments.otherPurchase(transaction, payment, hold.accountId)
    if (other === 'BEING_PAID') return { outcome: 'UNDECIDED', quantity }
    const free = event.redAlarmSince === null && !mayPlatformsSellFreeUnits(channels, tx.balances)
    const posted =
      other === null && (await this.isOnSale(transaction, event, hold))
        ? await tx.post({
            id: `payment:${id}:late`,
            postings: [{ quantity, sources: holdAccounts(source, free), destination: sold(DIRECT) }],
            reason: 'paid late',
            actor: null,
            onInsufficient: 'skip',
          })
        : null
    if (posted) await this.sell(transaction, event, hold, payment, posted)
    else {
      const reason = other === null ? NOT_AVAILABLE : ALREADY_BOUGHT
      await this.rows.transition(transaction, id, 'FAILED', { state: 'REFUND_DUE', reason })
    }
    return { outcome: posted ? 'SOLD' : 'REFUND_DUE', quantity }
  }

  private async isOnSale(transaction: DatabaseTransaction, event: Event, { seats }: Hold): Promise<boolean> {
    // STAFF: the payment was started before online sales ended.
    if (saleConflict(event, 'STAFF', this.clock.now())) return false
    const availability = await this.seats.availability(transaction, event.id, seats)
    return seats.every((seat) => availability.get(seat) === 'FREE')
  }

  /** Leaves the failed hold as it is and creates a replacement that is CONFIRMED at once. */
  private async sell(
    transaction: DatabaseTransaction,
    event: Event,
    failed: Hold,
    payment: Payment,
    movements: readonly Movement[],
  ): Promise<void> {
    const now = this.clock.now()
    const { quantity, priceCents, seats } = failed
    const order = { id: newId('ord'), buyer: buyerOf(payment), quantity, priceCents, seats }
    const sales = await this.directOrders.write(transaction, event.id, [order], now)
    const hold: Hold = {
      ...failed,
      ...originOf(movements),
      id: newId('hld'),
      state: 'CONFIRMED',
      createdAt: now,
      settledAt: now,
      orderId: order.id,
      idempotencyKey: null,
      requestHash: null,
    }
    await this.holds.insert(transaction, [hold])
    await this.seats.claim(transaction, event.id, [hold])
    await this.seats.markSold(transaction, [{ id: hold.id, orderId: order.id }])
    await this.rows.transition(transaction, payment.id, 'FAILED', {
      state: 'SUCCEEDED',
      replacementHoldId: hold.id,
      reason: null,
    })
    await this.entries.replace(transaction, failed.id, hold.id, now)
    await this.ticketMails.enqueue(transaction, event, sales)
  }
}

function buyerOf({ buyerName, buyerEmail }: Payment) {
  return { name: buyerName, email: buyerEmail }
}

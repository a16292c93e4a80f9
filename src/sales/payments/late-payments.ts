import { Injectable } from '@nestjs/common'
import { sold } from '../../domain/ledger-account.js'
import { holdAccounts, originOf } from '../../domain/hold.js'
import type { Movement } from '../../domain/posting.js'
import type { Event, Hold, Payment } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/clock.js'
import { newId } from '../../infrastructure/ids.js'
import type { Transaction } from '../../inventory/ledger.js'
import { Stock } from '../../inventory/stock.js'
import type { StockTransaction } from '../../inventory/stock-transaction.js'
import { StockEvents } from '../../inventory/stock-events.js'
import { writeDirectOrders } from '../direct-orders.js'
import { saleRefusal } from '../on-sale.js'
import { claimSeats, seatsAsked, sellSeats } from '../seat-claims.js'
import { TicketMails } from '../tickets/ticket-mails.js'
import { PaymentRows } from './payment-rows.js'

type Fate = 'KEPT' | 'OWED' | 'DECIDED_BEFORE'

/**
 * Payments that turn out to be paid when the stock is back already: they buy anew what was held, the same seats
 * included, as long as it is there and on sale; else the money is owed back.
 */
@Injectable()
export class LatePayments {
  constructor(
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly rows: PaymentRows,
    private readonly ticketMails: TicketMails,
    private readonly stockEvents: StockEvents,
  ) {}

  /** Decides once, in one transaction with the stock. */
  async keepOrOweBack(payment: Payment): Promise<{ refundDue: boolean }> {
    const { eventId } = payment
    const { fate, quantity } = await this.stock.transact(eventId, (tx) => this.decide(tx, payment))
    if (fate === 'KEPT') this.stockEvents.changed({ eventId, channel: 'DIRECT', delta: quantity, orders: [] })
    return { refundDue: fate === 'OWED' }
  }

  private async decide(tx: StockTransaction, payment: Payment): Promise<{ fate: Fate; quantity: number }> {
    const { prisma } = tx
    const { id, holdId, eventId } = payment
    const { state } = await prisma.payment.findUniqueOrThrow({ where: { id }, select: { state: true } })
    const hold = await prisma.hold.findUniqueOrThrow({ where: { id: holdId } })
    const event = await prisma.event.findUniqueOrThrow({ where: { id: eventId } })
    const { quantity, source } = hold
    if (state !== 'FAILED') return { fate: state === 'REFUND_DUE' ? 'OWED' : 'DECIDED_BEFORE', quantity }
    const sources = holdAccounts(source, event.redAlarmSince === null)
    const posted = (await this.isOnSale(prisma, event, hold))
      ? await tx.post({
          id: `payment:${id}:late`,
          postings: [{ quantity, sources, destination: sold('DIRECT') }],
          reason: 'paid late',
          actor: null,
          onInsufficient: 'skip',
        })
      : null
    if (posted) await this.sell(prisma, event, hold, payment, posted)
    else await this.rows.move(prisma, id, 'FAILED', { state: 'REFUND_DUE' })
    return { fate: posted ? 'KEPT' : 'OWED', quantity }
  }

  private async isOnSale(tx: Transaction, event: Event, { seats }: Hold): Promise<boolean> {
    // The money was on its way before the sale ended.
    if (saleRefusal(event, 'STAFF', this.clock.now())) return false
    const found = await seatsAsked(tx, event.id, seats)
    return seats.every((seat) => found.get(seat) === 'FREE')
  }

  /** The failed hold stays failed; another one, confirmed from the start, stands in for it. */
  private async sell(
    tx: Transaction,
    event: Event,
    failed: Hold,
    payment: Payment,
    movements: readonly Movement[],
  ): Promise<void> {
    const now = this.clock.now()
    const { quantity, seats } = failed
    const order = { id: newId('ord'), buyer: buyerOf(payment), quantity, seats }
    const sales = await writeDirectOrders(tx, event.id, [order], now)
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
    await tx.hold.create({ data: hold })
    await claimSeats(tx, event.id, [hold])
    await sellSeats(tx, [{ id: hold.id, orderId: order.id }])
    await this.rows.move(tx, payment.id, 'FAILED', { state: 'SUCCEEDED', replacementHoldId: hold.id, reason: null })
    const entry = {
      where: { holdId: failed.id },
      data: { holdId: hold.id, state: 'CONFIRMED', settledAt: now } as const,
    }
    await tx.waitlistEntry.updateMany(entry)
    await this.ticketMails.put(tx, event, sales)
  }
}

function buyerOf({ buyerName, buyerEmail }: Payment) {
  return { name: buyerName, email: buyerEmail }
}

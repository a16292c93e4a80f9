import { Injectable } from '@nestjs/common'
import { PaymentStore, type Payment, type ReadReturns, type PaymentTransition } from '../payment-store.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { MailOutbox } from '../../infrastructure/mail/mail-outbox.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Transactions } from '../../infrastructure/transactions.js'
import { EventStore } from '../../stock/event-store.js'
import { HoldResolution } from '../../holds/hold-resolution.js'
import { failedMail, refundedMail } from './payment-mails.js'
import { PaymentRows } from './payment-rows.js'

/** Records the outcome of a payment in one transaction with the hold, its stock and the e-mail to the buyer. */
@Injectable()
export class PaymentCapture {
  private readonly outcomes

  constructor(
    private readonly transactions: Transactions,
    private readonly events: EventStore,
    private readonly clock: Clock,
    private readonly payments: PaymentStore,
    private readonly rows: PaymentRows,
    private readonly holds: HoldResolution,
    private readonly outbox: MailOutbox,
    metrics: Metrics,
  ) {
    this.outcomes = metrics.counter('payments_total', 'Direct-channel payments by outcome', ['result'])
  }

  /** Turns the hold into an order with tickets. Idempotent. */
  async recordPaid(payment: Payment): Promise<void> {
    const { id, eventId, holdId, buyerName, buyerEmail } = payment
    await this.holds.resolve(eventId, {
      holdId,
      action: 'paid',
      buyer: { name: buyerName, email: buyerEmail },
      by: null,
      onResolved: (transaction) =>
        this.rows.transition(transaction, id, 'PENDING', { state: 'SUCCEEDED', settledAt: this.clock.now() }),
    })
    this.outcomes.inc({ result: 'succeeded' })
  }

  /**
   * Returns the hold's units to their source accounts. Idempotent. `isDecided`: by the provider; otherwise it may still
   * be paid.
   */
  async recordFailed(payment: Payment, reason: string, { isDecided }: { isDecided: boolean }): Promise<void> {
    const { id, eventId, holdId } = payment
    await this.holds.resolve(eventId, {
      holdId,
      action: 'unpaid',
      buyer: null,
      by: null,
      onResolved: async (transaction) => {
        await this.rows.transition(transaction, id, 'PENDING', { state: 'FAILED', settledAt: this.clock.now(), reason })
        const event = await this.events.read(transaction, eventId)
        await this.outbox.put(transaction, [failedMail(event, payment, reason, isDecided)])
      },
    })
    this.outcomes.inc({ result: 'failed' })
  }

  /**
   * Stores what the provider reports of refunds and disputes. A payment is REFUNDED exactly while its amount went back in
   * full: also when it was refunded at the provider, and no longer when a refund failed afterwards.
   */
  async recordReturns(payment: Payment, returns: ReadReturns): Promise<void> {
    const { id, eventId, state } = payment
    const isRefunded = returns.refundedAmount === payment.amount
    await this.transactions.run(async (transaction) => {
      await this.payments.setReturns(transaction, id, returns)
      if (isRefunded === (state === 'REFUNDED')) return
      const to: PaymentTransition = isRefunded
        ? { state: 'REFUNDED', refundedAt: this.clock.now() }
        : { state: 'REFUND_DUE', refundedAt: null }
      await this.rows.transition(transaction, id, state, to)
      if (!isRefunded) return
      const event = await this.events.read(transaction, eventId)
      await this.outbox.put(transaction, [refundedMail(event, payment)])
    })
    if (isRefunded && state !== 'REFUNDED') this.outcomes.inc({ result: 'refunded' })
  }
}

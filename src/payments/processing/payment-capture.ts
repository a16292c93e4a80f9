import { Injectable } from '@nestjs/common'
import type { Payment } from '../payment-store.js'
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

  /** Returns the hold's units to their source accounts. Idempotent. */
  async recordFailed(payment: Payment, reason: string): Promise<void> {
    const { id, eventId, holdId } = payment
    await this.holds.resolve(eventId, {
      holdId,
      action: 'unpaid',
      buyer: null,
      by: null,
      onResolved: async (transaction) => {
        await this.rows.transition(transaction, id, 'PENDING', { state: 'FAILED', settledAt: this.clock.now(), reason })
        const event = await this.events.read(transaction, eventId)
        await this.outbox.put(transaction, [failedMail(event, payment, reason)])
      },
    })
    this.outcomes.inc({ result: 'failed' })
  }

  async recordRefunded(payment: Payment): Promise<void> {
    const { id, eventId } = payment
    await this.transactions.run(async (transaction) => {
      await this.rows.transition(transaction, id, 'REFUND_DUE', { state: 'REFUNDED', refundedAt: this.clock.now() })
      const event = await this.events.read(transaction, eventId)
      await this.outbox.put(transaction, [refundedMail(event, payment)])
    })
    this.outcomes.inc({ result: 'refunded' })
  }
}

import { Injectable } from '@nestjs/common'
import type { Payment } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { MailOutbox } from '../../infrastructure/mail/mail-outbox.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import { HoldResolution } from '../../holds/hold-resolution.js'
import { failedMail, refundedMail } from './payment-mails.js'
import { PaymentRows } from './payment-rows.js'

/** Records the outcome of a payment in one transaction with the hold, its stock and the e-mail to the buyer. */
@Injectable()
export class PaymentCapture {
  private readonly outcomes

  constructor(
    private readonly prisma: PrismaService,
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
      onResolved: (tx) => this.rows.transition(tx, id, 'PENDING', { state: 'SUCCEEDED', settledAt: this.clock.now() }),
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
      onResolved: async (tx) => {
        await this.rows.transition(tx, id, 'PENDING', { state: 'FAILED', settledAt: this.clock.now(), reason })
        const event = await tx.event.findUniqueOrThrow({ where: { id: eventId } })
        await this.outbox.put(new PrismaTransaction(tx), [failedMail(event, payment, reason)])
      },
    })
    this.outcomes.inc({ result: 'failed' })
  }

  async recordRefunded(payment: Payment): Promise<void> {
    const { id, eventId } = payment
    await this.prisma.$transaction(async (tx) => {
      await this.rows.transition(tx, id, 'REFUND_DUE', { state: 'REFUNDED', refundedAt: this.clock.now() })
      const event = await tx.event.findUniqueOrThrow({ where: { id: eventId } })
      await this.outbox.put(new PrismaTransaction(tx), [refundedMail(event, payment)])
    })
    this.outcomes.inc({ result: 'refunded' })
  }
}

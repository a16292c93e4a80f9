import { Injectable } from '@nestjs/common'
import type { Payment } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/clock.js'
import { MailOutbox } from '../../infrastructure/mail/mail-outbox.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { HoldResolution } from '../hold-resolution.js'
import { failedMail, refundedMail } from './payment-mails.js'
import { PaymentRows } from './payment-rows.js'

/** Records how a payment ended, in one transaction with the hold, its stock and the mail to the buyer. */
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
    this.outcomes = metrics.counter('payments_total', 'Payments of the direct channel by outcome', ['result'])
  }

  /** The hold becomes an order with tickets. Repeating changes nothing. */
  async paid(payment: Payment): Promise<void> {
    const { id, eventId, holdId, buyerName, buyerEmail } = payment
    await this.holds.settle(eventId, {
      holdId,
      action: 'paid',
      buyer: { name: buyerName, email: buyerEmail },
      by: null,
      also: (tx) => this.rows.move(tx, id, 'PENDING', { state: 'SUCCEEDED', settledAt: this.clock.now() }),
    })
    this.outcomes.inc({ result: 'succeeded' })
  }

  /** The hold's units go back to where they came from. Repeating changes nothing. */
  async unpaid(payment: Payment, reason: string): Promise<void> {
    const { id, eventId, holdId } = payment
    await this.holds.settle(eventId, {
      holdId,
      action: 'unpaid',
      buyer: null,
      by: null,
      also: async (tx) => {
        await this.rows.move(tx, id, 'PENDING', { state: 'FAILED', settledAt: this.clock.now(), reason })
        const event = await tx.event.findUniqueOrThrow({ where: { id: eventId } })
        await this.outbox.put(tx, [failedMail(event, payment, reason)])
      },
    })
    this.outcomes.inc({ result: 'failed' })
  }

  async refunded(payment: Payment): Promise<void> {
    const { id, eventId } = payment
    await this.prisma.$transaction(async (tx) => {
      await this.rows.move(tx, id, 'REFUND_DUE', { state: 'REFUNDED', refundedAt: this.clock.now() })
      const event = await tx.event.findUniqueOrThrow({ where: { id: eventId } })
      await this.outbox.put(tx, [refundedMail(event, payment)])
    })
    this.outcomes.inc({ result: 'refunded' })
  }
}

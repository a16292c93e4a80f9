import { Injectable, Logger } from '@nestjs/common'
import type { Payment } from '../../generated/prisma/client.js'
import { debugPoint } from '../../infrastructure/debug-point.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { LatePayments } from './late-payments.js'
import { PaymentProvider, PaymentRefused, type PaymentOutcome, type PreparedPayment } from './payment-provider.js'
import { PaymentRows } from './payment-rows.js'
import { PaymentCapture } from './payment-capture.js'

/**
 * Takes one payment a step further, from whatever state its row is in. Every step may be repeated: the provider knows
 * a repeat by the hold's key, and the row changes under the event's lock, once. What the provider tells of its own
 * accord is only a reason to ask it; its answer counts, so that late, repeated and reordered news do no harm.
 */
@Injectable()
export class PaymentProcessor {
  private readonly logger = new Logger('Payments')
  private readonly stuck

  constructor(
    private readonly prisma: PrismaService,
    private readonly rows: PaymentRows,
    private readonly provider: PaymentProvider,
    private readonly settling: PaymentCapture,
    private readonly late: LatePayments,
    metrics: Metrics,
  ) {
    this.stuck = metrics.counter('payments_stuck_total', 'Payments that an operator has to look at')
  }

  /** Does nothing when somebody else is at it. What fails is noted in the row and tried again later. */
  async advance(id: string): Promise<void> {
    const payment = await this.rows.lease(id)
    if (!payment) return
    await this.noting(payment, () => this.step(payment))
  }

  /**
   * Ends a payment without waiting for the provider any longer: unpaid, unless the provider says that it is paid.
   * Should it turn out to be paid later, it is treated like every payment that comes late. False: somebody is at it.
   */
  async giveUp(id: string): Promise<boolean> {
    const payment = await this.rows.lease(id)
    if (!payment) return false
    await this.noting(payment, async () => {
      if (payment.state !== 'PENDING') return this.step(payment)
      const outcome = await this.cancelled(payment)
      return this.settle(payment, outcome.kind === 'PAID' ? outcome : { kind: 'DECLINED', reason: 'Given up.' })
    })
    return true
  }

  private async noting(payment: Payment, work: () => Promise<boolean>): Promise<void> {
    try {
      const done = await work()
      if (done) await this.rows.release(payment)
      else await this.postpone(payment, 'the provider has not decided yet')
    } catch (error) {
      this.logger.warn({ err: error, paymentId: payment.id }, 'a payment could not be taken further, it is tried again')
      await this.postpone(payment, error instanceof Error ? error.message : String(error))
    }
  }

  private async postpone(payment: Payment, why: string): Promise<void> {
    const { stuck } = await this.rows.postpone(payment, why)
    if (!stuck) return
    this.stuck.inc()
    this.logger.error({ paymentId: payment.id }, 'a payment is stuck: settle it by hand')
  }

  /** False: there is nothing to do but to ask again later. */
  private async step(payment: Payment): Promise<boolean> {
    switch (payment.state) {
      case 'PENDING': {
        const outcome = await this.charge(payment)
        await debugPoint('after-charge-before-record')
        return this.settle(payment, outcome)
      }
      case 'FAILED': {
        const paid = payment.reference !== null && (await this.provider.status(known(payment))).kind === 'PAID'
        if (!paid) return true
        const { refundDue } = await this.late.keepOrOweBack(payment)
        return refundDue ? this.refund(payment) : true
      }
      case 'REFUND_DUE':
        return this.refund(payment)
      default:
        return true
    }
  }

  private async settle(payment: Payment, outcome: PaymentOutcome): Promise<boolean> {
    if (outcome.kind === 'OPEN') return false
    if (outcome.kind === 'PAID') await this.settling.paid(payment)
    else await this.settling.unpaid(payment, outcome.reason)
    return true
  }

  private async charge(payment: Payment): Promise<PaymentOutcome> {
    const { token } = payment
    if (token === null) throw new Error('there is no token to pay with')
    try {
      const reference = payment.reference ?? (await this.prepare(payment))
      return await this.provider.charge({ key: payment.holdId, reference }, token)
    } catch (error) {
      if (error instanceof PaymentRefused) return { kind: 'DECLINED', reason: error.message }
      throw error
    }
  }

  private async prepare(payment: Payment): Promise<string> {
    const { id, holdId, eventId, amount, currency } = payment
    const { event, quantity } = await this.prisma.hold.findUniqueOrThrow({
      where: { id: holdId },
      include: { event: true },
    })
    const description = `${quantity} × ${event.name}`
    const notes = { paymentId: id, holdId, eventId }
    const order = { key: holdId, amount: Number(amount), currency, description, notes }
    const reference = await this.provider.prepare(order)
    await this.rows.know(id, reference)
    return reference
  }

  /** A provider that cannot be reached holds up nobody who has decided to give up. */
  private async cancelled(payment: Payment): Promise<PaymentOutcome> {
    if (payment.reference === null) return { kind: 'OPEN' }
    try {
      return await this.provider.cancel(known(payment))
    } catch (error) {
      this.logger.warn({ err: error, paymentId: payment.id }, 'the provider could not be told that it is given up')
      return { kind: 'OPEN' }
    }
  }

  private async refund(payment: Payment): Promise<boolean> {
    await this.provider.refund(known(payment))
    await debugPoint('after-refund-before-record')
    await this.settling.refunded(payment)
    return true
  }
}

function known({ id, holdId, reference }: Payment): PreparedPayment {
  if (reference === null) throw new Error(`payment ${id} is not known to the provider`)
  return { key: holdId, reference }
}

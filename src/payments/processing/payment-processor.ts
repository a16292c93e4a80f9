import { Injectable, Logger } from '@nestjs/common'
import { HoldStore } from '../../holds/hold-store.js'
import { debugPoint } from '../../infrastructure/debug-point.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { EventStore } from '../../stock/event-store.js'
import type { Payment } from '../payment-store.js'
import { LatePayments } from './late-payments.js'
import {
  PaymentProvider,
  PaymentRefused,
  type PaymentOutcome,
  type PreparedPayment,
} from '../providers/payment-provider.js'
import { PaymentRows } from './payment-rows.js'
import { PaymentCapture } from './payment-capture.js'

/**
 * Advances a payment by one step from the state in its row. Steps are idempotent: the provider deduplicates by the
 * hold's key, and the row changes once, under the event's lock. A notification from the provider only triggers a status
 * request, so late, duplicate and reordered notifications do no harm.
 */
@Injectable()
export class PaymentProcessor {
  private readonly logger = new Logger('Payments')
  private readonly stuck

  constructor(
    private readonly events: EventStore,
    private readonly holds: HoldStore,
    private readonly rows: PaymentRows,
    private readonly provider: PaymentProvider,
    private readonly capture: PaymentCapture,
    private readonly late: LatePayments,
    metrics: Metrics,
  ) {
    this.stuck = metrics.counter('payments_stuck_total', 'Payments that became stuck and need an operator')
  }

  /** Does nothing when another worker has the lease. A failure is recorded in the row and retried later. */
  async process(id: string): Promise<void> {
    const payment = await this.rows.lease(id)
    if (!payment) return
    await this.releaseOrRetry(payment, () => this.runStep(payment))
  }

  /**
   * Records a payment as failed without waiting for the provider, unless the provider reports it as paid. If it is paid
   * later, it is handled as a late payment. Returns false when another worker has the lease.
   */
  async abandon(id: string): Promise<boolean> {
    const payment = await this.rows.lease(id)
    if (!payment) return false
    await this.releaseOrRetry(payment, async () => {
      if (payment.state !== 'PENDING') return this.runStep(payment)
      const outcome = await this.cancelAtProvider(payment)
      return this.recordOutcome(
        payment,
        outcome.kind === 'PAID' ? outcome : { kind: 'DECLINED', reason: 'The payment was cancelled.' },
      )
    })
    return true
  }

  private async releaseOrRetry(payment: Payment, work: () => Promise<boolean>): Promise<void> {
    try {
      const done = await work()
      if (done) await this.rows.release(payment)
      else await this.scheduleRetry(payment, 'payment is still pending at the provider')
    } catch (error) {
      this.logger.warn({ err: error, paymentId: payment.id }, 'payment processing failed; will retry')
      await this.scheduleRetry(payment, error instanceof Error ? error.message : String(error))
    }
  }

  private async scheduleRetry(payment: Payment, error: string): Promise<void> {
    const { stuck } = await this.rows.scheduleRetry(payment, error)
    if (!stuck) return
    this.stuck.inc()
    this.logger.error({ paymentId: payment.id }, 'payment is stuck; settle it manually')
  }

  /** Returns false when the provider has not decided yet. */
  private async runStep(payment: Payment): Promise<boolean> {
    switch (payment.state) {
      case 'PENDING': {
        const outcome = await this.charge(payment)
        await debugPoint('after-charge-before-record')
        return this.recordOutcome(payment, outcome)
      }
      case 'FAILED': {
        const paid =
          payment.reference !== null && (await this.provider.status(preparedPayment(payment))).kind === 'PAID'
        if (!paid) return true
        const { refundDue } = await this.late.sellOrMarkRefundDue(payment)
        return refundDue ? this.refund(payment) : true
      }
      case 'REFUND_DUE':
        return this.refund(payment)
      default:
        return true
    }
  }

  private async recordOutcome(payment: Payment, outcome: PaymentOutcome): Promise<boolean> {
    if (outcome.kind === 'OPEN') return false
    if (outcome.kind === 'PAID') await this.capture.recordPaid(payment)
    else await this.capture.recordFailed(payment, outcome.reason)
    return true
  }

  private async charge(payment: Payment): Promise<PaymentOutcome> {
    const { token } = payment
    if (token === null) throw new Error('payment has no token')
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
    const [hold, event] = [await this.holds.find(holdId), await this.events.find(eventId)]
    if (!hold || !event) throw new Error(`payment ${id} has no hold or event`)
    const description = `${hold.quantity} × ${event.name}`
    const metadata = { paymentId: id, holdId, eventId }
    const order = { key: holdId, amount: Number(amount), currency, description, metadata }
    const reference = await this.provider.prepare(order)
    await this.rows.setReference(id, reference)
    return reference
  }

  /** Returns OPEN on an error, so that an unreachable provider does not block abandoning a payment. */
  private async cancelAtProvider(payment: Payment): Promise<PaymentOutcome> {
    if (payment.reference === null) return { kind: 'OPEN' }
    try {
      return await this.provider.cancel(preparedPayment(payment))
    } catch (error) {
      this.logger.warn({ err: error, paymentId: payment.id }, 'failed to cancel payment at the provider')
      return { kind: 'OPEN' }
    }
  }

  private async refund(payment: Payment): Promise<boolean> {
    await this.provider.refund(preparedPayment(payment))
    await debugPoint('after-refund-before-record')
    await this.capture.recordRefunded(payment)
    return true
  }
}

function preparedPayment({ id, holdId, reference }: Payment): PreparedPayment {
  if (reference === null) throw new Error(`payment ${id} has no provider reference`)
  return { key: holdId, reference }
}

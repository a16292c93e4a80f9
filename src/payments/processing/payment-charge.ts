import { Injectable, Logger } from '@nestjs/common'
import { HoldStore } from '../../holds/hold-store.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { debugPoint } from '../../infrastructure/debug-point.js'
import { EventStore } from '../../stock/event-store.js'
import type { Payment } from '../payment-store.js'
import { PaymentRefused, type PaymentOutcome, type PaymentProvider } from '../providers/payment-provider.js'
import { PaymentCapture } from './payment-capture.js'
import { PaymentRows } from './payment-rows.js'
import { again, DONE, OPEN, preparedPayment, type StepResult } from './payment-step.js'

/** A payment ends by itself after this time, so that its tickets do not stay held, ms. */
const LIMIT_MS = 30 * 60_000
/** As LIMIT_MS, for a buyer who does not authenticate the payment, ms. */
const AUTHENTICATION_LIMIT_MS = 15 * 60_000
/** How often a payment is read that the buyer has to authenticate: the notification may be lost, ms. */
const AUTHENTICATION_POLL_MS = 5_000
/** After giving up without the provider's decision, ms. */
const FIRST_WATCH_MS = 60_000

/** When a pending payment ends by itself. */
export function endOfPending({ createdAt, clientSecret }: Payment): Date {
  return new Date(createdAt.getTime() + (clientSecret === null ? LIMIT_MS : AUTHENTICATION_LIMIT_MS))
}

/** Charges pending payments, or ends them. */
@Injectable()
export class PaymentCharge {
  private readonly logger = new Logger('Payments')

  constructor(
    private readonly events: EventStore,
    private readonly holds: HoldStore,
    private readonly rows: PaymentRows,
    private readonly capture: PaymentCapture,
    private readonly clock: Clock,
  ) {}

  /** Charges a pending payment; ends it once its time is over. */
  async run(payment: Payment, provider: PaymentProvider): Promise<StepResult> {
    if (endOfPending(payment) <= this.clock.now()) {
      return this.end(payment, provider, 'The payment was not completed in time.')
    }
    const outcome = await this.charge(payment, provider)
    await debugPoint('after-charge-before-record')
    return this.record(payment, outcome)
  }

  /**
   * Records a pending payment as failed without waiting for the provider, unless the provider reports it as paid. Until
   * the provider has decided it is read again: if it is paid later, it is handled as a late payment.
   */
  async end(payment: Payment, provider: PaymentProvider | null, reason: string): Promise<StepResult> {
    const outcome = await this.cancel(payment, provider)
    if (outcome.kind === 'PAID') return this.record(payment, outcome)
    const isDecided = outcome.kind === 'DECLINED' || payment.reference === null
    await this.capture.recordFailed(payment, reason, { isDecided })
    return isDecided ? DONE : again(this.clock.now(), FIRST_WATCH_MS)
  }

  /** Returns OPEN on an error, so that an unreachable provider does not block ending a payment. */
  private async cancel(payment: Payment, provider: PaymentProvider | null): Promise<PaymentOutcome> {
    if (payment.reference === null || provider === null) return { kind: 'OPEN' }
    try {
      return await provider.cancel(preparedPayment(payment))
    } catch (error) {
      this.logger.warn({ err: error, paymentId: payment.id }, 'failed to cancel payment at the provider')
      return { kind: 'OPEN' }
    }
  }

  private async record(payment: Payment, outcome: PaymentOutcome): Promise<StepResult> {
    if (outcome.kind === 'OPEN') return OPEN
    if (outcome.kind === 'ACTION_REQUIRED') {
      await this.rows.setClientSecret(payment, outcome.clientSecret)
      return again(this.clock.now(), AUTHENTICATION_POLL_MS)
    }
    if (outcome.kind === 'PAID') await this.capture.recordPaid(payment)
    else await this.capture.recordFailed(payment, outcome.reason, { isDecided: true })
    return DONE
  }

  private async charge(payment: Payment, provider: PaymentProvider): Promise<PaymentOutcome> {
    const { token } = payment
    if (token === null) throw new Error('payment has no token')
    try {
      const reference = payment.reference ?? (await this.prepare(payment, provider))
      return await provider.charge({ key: payment.holdId, reference }, token)
    } catch (error) {
      if (error instanceof PaymentRefused) return { kind: 'DECLINED', reason: error.message }
      throw error
    }
  }

  private async prepare(payment: Payment, provider: PaymentProvider): Promise<string> {
    const { id, holdId, eventId, amount, currency } = payment
    const [hold, event] = [await this.holds.find(holdId), await this.events.find(eventId)]
    if (!hold || !event) throw new Error(`payment ${id} has no hold or event`)
    const description = `${hold.quantity} × ${event.name}`
    const metadata = { paymentId: id, holdId, eventId }
    const order = { key: holdId, amount: Number(amount), currency, description, metadata }
    const reference = await provider.prepare(order)
    await this.rows.setReference(id, reference)
    return reference
  }
}

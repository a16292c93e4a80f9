import { Injectable, Logger } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import type { Payment } from '../payment-store.js'
import type { PaymentOutcome, PaymentProvider } from '../providers/payment-provider.js'
import { PaymentProviders } from '../providers/payment-providers.js'
import { LatePayments } from './late-payments.js'
import { endOfPending, PaymentCharge } from './payment-charge.js'
import { PaymentReturnsReader } from './payment-returns.js'
import { PaymentRows } from './payment-rows.js'
import { again, DONE, preparedPayment, type StepResult } from './payment-step.js'

/** How often the provider is read about a payment that ended without its decision: the older, the less often, ms. */
const MIN_WATCH_MS = 60_000
const MAX_WATCH_MS = 3_600_000
/** For this long; then an operator has to find out, ms. */
const WATCH_LIMIT_MS = 30 * 86_400_000
/** How soon it is decided whether a late payment is kept, while another payment of its buyer is pending, ms. */
const OTHER_PURCHASE_MS = 5_000

interface StepOptions {
  /** An operator has requested it: a refund that failed is requested again. */
  byOperator?: boolean
}

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
    private readonly rows: PaymentRows,
    private readonly providers: PaymentProviders,
    private readonly charge: PaymentCharge,
    private readonly returns: PaymentReturnsReader,
    private readonly late: LatePayments,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.stuck = metrics.counter('payments_stuck_total', 'Payments that became stuck and need an operator')
  }

  /** Does nothing when another worker has the lease. A failure is recorded in the row and retried later. */
  async process(id: string, options: StepOptions = {}): Promise<void> {
    const payment = await this.rows.lease(id)
    if (payment) await this.releaseOrRetry(payment, (provider) => this.runStep(payment, provider, options))
  }

  /**
   * Records a payment as failed without waiting for the provider, unless the provider reports it as paid. If it is paid
   * later, it is handled as a late payment. Returns false when another worker has the lease.
   */
  async abandon(id: string): Promise<boolean> {
    const payment = await this.rows.lease(id)
    if (!payment) return false
    if (payment.state === 'PENDING' && this.providers.of(payment) === null) {
      await this.releaseOrRetry(payment, () => this.charge.end(payment, null, 'The payment was cancelled.'), true)
      return true
    }
    await this.releaseOrRetry(payment, (provider) =>
      payment.state === 'PENDING'
        ? this.charge.end(payment, provider, 'The payment was cancelled.')
        : this.runStep(payment, provider, { byOperator: true }),
    )
    return true
  }

  /** Only the provider that took a payment can decide it. */
  private async releaseOrRetry(
    payment: Payment,
    work: (provider: PaymentProvider) => Promise<StepResult>,
    withoutProvider = false,
  ): Promise<void> {
    const provider = this.providers.of(payment)
    if (!provider && !withoutProvider) {
      this.stuck.inc()
      return this.rows.markForeign(payment)
    }
    try {
      const result = await work(provider as PaymentProvider)
      if (result.kind === 'OPEN') await this.scheduleRetry(payment, 'payment is still pending at the provider')
      else if (result.kind === 'STUCK') await this.markStuck(payment, result.reason)
      else await this.rows.release(payment, result.kind === 'AGAIN' ? result.at : null)
    } catch (error) {
      this.logger.warn({ err: error, paymentId: payment.id }, 'payment processing failed; will retry')
      await this.scheduleRetry(payment, error instanceof Error ? error.message : String(error))
    }
  }

  /** A pending payment is never stuck: it ends by itself. */
  private async scheduleRetry(payment: Payment, error: string): Promise<void> {
    const until = payment.state === 'PENDING' ? endOfPending(payment) : null
    const { stuck } = await this.rows.scheduleRetry(payment, error, until)
    if (stuck) this.reportStuck(payment, error)
  }

  private async markStuck(payment: Payment, reason: string): Promise<void> {
    await this.rows.markStuck(payment, reason)
    this.reportStuck(payment, reason)
  }

  private reportStuck({ id }: Payment, reason: string): void {
    this.stuck.inc()
    this.logger.error({ paymentId: id, reason }, 'payment is stuck; settle it manually')
  }

  private runStep(
    payment: Payment,
    provider: PaymentProvider,
    { byOperator = false }: StepOptions,
  ): Promise<StepResult> {
    switch (payment.state) {
      case 'PENDING':
        return this.charge.run(payment, provider)
      case 'FAILED':
        return this.watch(payment, provider)
      case 'REFUND_DUE':
        return this.returns.refund(payment, provider, byOperator)
      default:
        return this.returns.read(payment, provider)
    }
  }

  /** Whether a payment recorded as failed was paid after all; until the provider has decided it is read again. */
  private async watch(payment: Payment, provider: PaymentProvider): Promise<StepResult> {
    if (payment.reference === null) return DONE
    const outcome = await this.decisionOf(payment, provider)
    const paid = outcome.kind === 'PAID'
    if (!paid) return outcome.kind === 'DECLINED' ? DONE : this.watchAgain(payment)
    const decision = await this.late.sellOrMarkRefundDue(payment)
    if (decision === 'UNDECIDED') return again(this.clock.now(), OTHER_PURCHASE_MS)
    return decision === 'REFUND_DUE' ? this.returns.refund({ ...payment, state: 'REFUND_DUE' }, provider) : DONE
  }

  private async decisionOf(payment: Payment, provider: PaymentProvider): Promise<PaymentOutcome> {
    const outcome = await provider.status(preparedPayment(payment))
    return outcome.kind === 'PAID' || outcome.kind === 'DECLINED' ? outcome : provider.cancel(preparedPayment(payment))
  }

  private watchAgain({ settledAt, createdAt }: Payment): StepResult {
    const now = this.clock.now()
    const age = now.getTime() - (settledAt ?? createdAt).getTime()
    if (age > WATCH_LIMIT_MS) return { kind: 'STUCK', reason: 'the provider has not decided this payment' }
    return again(now, Math.min(Math.max(age / 4, MIN_WATCH_MS), MAX_WATCH_MS))
  }
}

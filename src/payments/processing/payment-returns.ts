import { Injectable } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import { debugPoint } from '../../infrastructure/debug-point.js'
import type { Payment, ReadReturns } from '../payment-store.js'
import type { PaymentProvider, ReturnedMoney } from '../providers/payment-provider.js'
import { DisputeReports } from './dispute-reports.js'
import { PaymentCapture } from './payment-capture.js'
import { again, DONE, preparedPayment, type StepResult } from './payment-step.js'

/** How often a refund is read that is pending at the provider: the notification may be lost, ms. */
const PENDING_POLL_MS = 3_600_000

/** Refunds and disputes of payments, by the provider's account, on anyone's request. */
@Injectable()
export class PaymentReturnsReader {
  constructor(
    private readonly capture: PaymentCapture,
    private readonly disputes: DisputeReports,
    private readonly clock: Clock,
  ) {}

  /** Refunds what is due, and records it once the provider reports it as final. A failed refund needs an operator. */
  async refund(payment: Payment, provider: PaymentProvider, retryFailed = false): Promise<StepResult> {
    const prepared = preparedPayment(payment)
    const before = await provider.returns(prepared)
    const isMissing = BigInt(before.refunded) + BigInt(before.refundPending) < payment.amount
    const isRequested = isMissing && (before.failed === null || retryFailed)
    if (isRequested) await provider.refund(prepared, before.failed?.count ?? 0)
    const after = isRequested ? await provider.returns(prepared) : before
    await debugPoint('after-refund-before-record')
    return this.record(payment, after)
  }

  /** Reads what was returned of a payment that nothing is to be refunded of. */
  async read(payment: Payment, provider: PaymentProvider): Promise<StepResult> {
    return this.record(payment, await provider.returns(preparedPayment(payment)))
  }

  private async record(payment: Payment, returned: ReturnedMoney): Promise<StepResult> {
    const now = this.clock.now()
    const returns = returnsOf(payment, returned, now)
    const isRefunded = returns.refundedAmount === payment.amount
    await this.capture.recordReturns(payment, returns)
    const { disputeState } = returns
    if (disputeState && disputeState !== payment.disputeState) this.disputes.announce(payment.id, disputeState)
    const isDue = payment.state === 'REFUND_DUE' || payment.state === 'REFUNDED'
    if (isRefunded || !isDue) return DONE
    if (returns.refundState === 'FAILED')
      return { kind: 'STUCK', reason: `the refund failed: ${returns.refundFailure}` }
    return again(now, PENDING_POLL_MS)
  }
}

/** What the row shows of it. */
function returnsOf(payment: Payment, returned: ReturnedMoney, now: Date): ReadReturns {
  const { refunded, refundPending, failed, dispute } = returned
  // A provider may report a little more than the amount, e.g. with a returned fee.
  const refundedAmount = BigInt(refunded) < payment.amount ? BigInt(refunded) : payment.amount
  const isComplete = refundedAmount === payment.amount
  return {
    refundedAmount,
    refundState: refundStateOf(isComplete, refundPending > 0, failed !== null, refunded > 0),
    refundFailure: isComplete ? null : (failed?.reason ?? null),
    ...(dispute === 'UNREADABLE'
      ? {}
      : { disputeState: dispute, disputedAt: dispute === null ? null : (payment.disputedAt ?? now) }),
  }
}

function refundStateOf(
  isComplete: boolean,
  isPending: boolean,
  hasFailed: boolean,
  isPartial: boolean,
): ReadReturns['refundState'] {
  if (isComplete) return 'SUCCEEDED'
  if (isPending) return 'PENDING'
  if (hasFailed) return 'FAILED'
  return isPartial ? 'SUCCEEDED' : null
}

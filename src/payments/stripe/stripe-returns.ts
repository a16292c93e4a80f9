import type { Stripe } from 'stripe'
import type { DisputeState, ReturnedMoney } from '../providers/payment-provider.js'

const DISPUTE_STATE: Record<string, DisputeState> = {
  won: 'WON',
  lost: 'LOST',
  // An inquiry that never became a chargeback.
  warning_closed: 'WON',
  prevented: 'WON',
}

type Refund = Pick<Stripe.Refund, 'amount' | 'status' | 'failure_reason'>

/** What refunds and disputes of one payment, newest first as Stripe lists them, mean together. */
export function returnedMoney(
  refunds: readonly Refund[],
  disputes: readonly Pick<Stripe.Dispute, 'status'>[],
): ReturnedMoney {
  const failed = refunds.filter(isFailed)
  const [newest] = failed
  return {
    refunded: sum(refunds.filter(({ status }) => status === 'succeeded')),
    refundPending: sum(refunds.filter((refund) => refund.status !== 'succeeded' && !isFailed(refund))),
    failed: newest ? { count: failed.length, reason: newest.failure_reason ?? newest.status ?? 'failed' } : null,
    dispute: disputeState(disputes.map(({ status }) => DISPUTE_STATE[status] ?? 'OPEN')),
  }
}

function isFailed({ status }: Refund): boolean {
  return status === 'failed' || status === 'canceled'
}

function sum(refunds: readonly Refund[]): number {
  return refunds.reduce((total, { amount }) => total + amount, 0)
}

/** The gravest: a payment may be disputed more than once. */
function disputeState(states: readonly DisputeState[]): DisputeState | null {
  return (['OPEN', 'LOST', 'WON'] as const).find((state) => states.includes(state)) ?? null
}

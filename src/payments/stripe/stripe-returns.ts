import type { Stripe } from 'stripe'
import type { DisputeState, ReturnedMoney } from '../providers/payment-provider.js'

const STATES: Record<string, DisputeState> = {
  won: 'WON',
  lost: 'LOST',
  // An inquiry that never became a chargeback.
  warning_closed: 'WON',
  prevented: 'WON',
}

/** Statuses of disputes by Stripe; those that are not listed are not decided yet. */
export function disputeStateOf(status: string): DisputeState {
  return STATES[status] ?? 'OPEN'
}

type Refund = Pick<Stripe.Refund, 'amount' | 'status' | 'failure_reason'>

/** What refunds and disputes of one payment, newest first as Stripe lists them, mean together. `disputes`: null: unreadable. */
export function returnedMoney(
  refunds: readonly Refund[],
  disputes: readonly Pick<Stripe.Dispute, 'status'>[] | null,
): ReturnedMoney {
  const failed = refunds.filter(isFailed)
  const [newest] = failed
  return {
    refunded: sum(refunds.filter(({ status }) => status === 'succeeded')),
    refundPending: sum(refunds.filter((refund) => refund.status !== 'succeeded' && !isFailed(refund))),
    failed: newest ? { count: failed.length, reason: newest.failure_reason ?? newest.status ?? 'failed' } : null,
    dispute: disputes === null ? 'UNREADABLE' : gravest(disputes.map(({ status }) => disputeStateOf(status))),
  }
}

function isFailed({ status }: Refund): boolean {
  return status === 'failed' || status === 'canceled'
}

function sum(refunds: readonly Refund[]): number {
  return refunds.reduce((total, { amount }) => total + amount, 0)
}

/** A payment may be disputed more than once. */
function gravest(states: readonly DisputeState[]): DisputeState | null {
  return (['OPEN', 'LOST', 'WON'] as const).find((state) => states.includes(state)) ?? null
}

import type { Payment, PaymentState } from '../../../payments/payment-store.js'
import { checkViolation } from '../check-violation.js'

const NEXT: Record<PaymentState, readonly PaymentState[]> = {
  PENDING: ['SUCCEEDED', 'FAILED'],
  SUCCEEDED: ['REFUND_DUE', 'REFUNDED'],
  FAILED: ['SUCCEEDED', 'REFUND_DUE'],
  REFUND_DUE: ['REFUNDED'],
  REFUNDED: ['REFUND_DUE'],
}

/** As the CHECKs of the table: throws unless the row is consistent. */
export function assertPayment(payment: Payment): void {
  const { id, state, amount, currency, token, clientSecret, settledAt, refundedAt, refundedAmount } = payment
  const isMoney = amount > 0n && /^[A-Z]{3}$/.test(currency)
  const isSettled = (state === 'PENDING') === (settledAt === null) && (state === 'REFUNDED') === (refundedAt !== null)
  const keepsNoSecret = state === 'PENDING' || (token === null && clientSecret === null)
  const isReturned = refundedAmount >= 0n && refundedAmount <= amount
  const isDisputed = (payment.disputeState === null) === (payment.disputedAt === null)
  if (!isMoney || !isSettled || !keepsNoSecret || !isReturned || !isDisputed)
    throw checkViolation(`payment ${id} violates a check of its table`)
}

/**
 * As the trigger of the table: money is kept once or given back once, only a payment thought to have failed can turn out
 * to be paid, and a refund may turn out to have failed.
 */
export function assertPaymentChange(before: Payment, after: Payment): void {
  assertPayment(after)
  const isAllowed = after.state === before.state || NEXT[before.state].includes(after.state)
  const isSame = (['holdId', 'eventId', 'amount', 'currency'] as const).every(
    (column) => before[column] === after[column],
  )
  const keepsReference = before.reference === null || before.reference === after.reference
  if (!isAllowed || !isSame || !keepsReference) throw new Error(`payment ${before.id} is ${before.state} already`)
}

import type { Payment, PaymentState } from '../../../payments/payment-store.js'
import { checkViolation } from '../check-violation.js'

const NEXT: Record<PaymentState, readonly PaymentState[]> = {
  PENDING: ['SUCCEEDED', 'FAILED'],
  SUCCEEDED: [],
  FAILED: ['SUCCEEDED', 'REFUND_DUE'],
  REFUND_DUE: ['REFUNDED'],
  REFUNDED: [],
}

/** As the CHECKs of the table: throws unless the row is consistent. */
export function assertPayment({ id, state, amount, currency, token, settledAt, refundedAt }: Payment): void {
  const isMoney = amount > 0n && /^[A-Z]{3}$/.test(currency)
  const isSettled = (state === 'PENDING') === (settledAt === null) && (state === 'REFUNDED') === (refundedAt !== null)
  const keepsNoToken = state === 'PENDING' || token === null
  if (!isMoney || !isSettled || !keepsNoToken) throw checkViolation(`payment ${id} violates a check of its table`)
}

/**
 * As the trigger of the table: money is kept once or given back once, and only a payment thought to have failed can turn
 * out to be paid.
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

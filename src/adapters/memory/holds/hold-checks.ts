import { LIVE_HOLD_STATES, type HoldState } from '../../../domain/hold.js'
import type { Hold } from '../../../domain/hold-record.js'
import { checkViolation } from '../check-violation.js'

/** As the CHECKs of the table: throws unless the row is consistent. */
export function assertHold(hold: Hold): void {
  const { id, state, quantity, priceCents, fromAllocated, fromUnallocated, fromSafety, seats, settledAt, orderId } =
    hold
  const parts = [fromAllocated, fromUnallocated, fromSafety]
  const knowsOrigin = quantity > 0 && parts.every((units) => units >= 0) && sum(parts) === quantity
  const isFinal = !(LIVE_HOLD_STATES as readonly HoldState[]).includes(state)
  const hasAllSeats = seats.length === 0 || seats.length === quantity
  const isSettled = isFinal === (settledAt !== null) && (state === 'CONFIRMED') === (orderId !== null)
  if (!knowsOrigin || !hasAllSeats || !isSettled || priceCents < 0)
    throw checkViolation(`hold ${id} violates a check of its table`)
}

/** As the trigger of the table: a hold resolves once, and what was held stays what it was. */
export function assertHoldChange(before: Hold, after: Hold): void {
  assertHold(after)
  const isFinal = !(LIVE_HOLD_STATES as readonly HoldState[]).includes(before.state)
  const isSame = (['quantity', 'priceCents', 'fromAllocated', 'fromUnallocated', 'fromSafety'] as const).every(
    (column) => before[column] === after[column],
  )
  if ((isFinal && after.state !== before.state) || !isSame)
    throw new Error(`hold ${before.id} is ${before.state} already`)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

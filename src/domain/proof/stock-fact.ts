import type { Movement } from '../stock/posting.js'
import type { ProofFact, StockKind } from './proof-fact.js'

/**
 * The reasons of operations that a proof records, as codes: free text of operators stays out of it. A reason that is not
 * listed is recorded as OTHER; only those listed as cancellations may lower what is sold.
 */
const REASONS: Record<string, StockKind> = {
  opening: 'CAPACITY',
  'event resized': 'CAPACITY',
  'capacity lowered': 'CAPACITY',
  'platform sale': 'SALE',
  'platform cancellation': 'CANCELLATION',
  'order cancelled': 'CANCELLATION',
  'paid late': 'SALE',
  'safety stock sale': 'SALE',
  'hold confirmed': 'SALE',
  held: 'HOLD',
  'held from the safety stock': 'HOLD',
  'offered to the waitlist': 'HOLD',
  'hold expired': 'HOLD_ENDED',
  'hold released': 'HOLD_ENDED',
  'hold payment_failed': 'HOLD_ENDED',
  'safety stock release': 'MOVEMENT',
  'safety stock freed': 'MOVEMENT',
  'cap raised': 'MOVEMENT',
  'allocation follows exposure': 'MOVEMENT',
  'direct share': 'MOVEMENT',
  rebalanced: 'MOVEMENT',
}

interface RecordedOperation {
  operationId: string
  /** Free text follows a colon. */
  reason: string
  /** The id of the operator who requested it. */
  operatorId?: string
  movements: readonly Movement[]
}

/** The line of one stock operation. */
export function stockFact({ operationId, reason, operatorId, movements }: RecordedOperation): ProofFact {
  const [code = ''] = reason.split(':')
  const kind = REASONS[code]
  return {
    kind: kind ?? 'MOVEMENT',
    operation: operationId,
    reason: kind ? code.toUpperCase().replaceAll(' ', '_') : 'OTHER',
    ...(operatorId === undefined ? {} : { operator: operatorId }),
    moves: movements.map(({ from, to, quantity }) => [from, to, quantity]),
  }
}

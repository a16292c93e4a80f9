import { LIVE_HOLD_STATES, type HoldState } from '../../src/domain/hold.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

const COUNTED: readonly HoldState[] = [...LIVE_HOLD_STATES, 'CONFIRMED']

/**
 * A customer holds and has bought no more of an event than it allows. A payment that succeeds late is not counted: it
 * was within the limit when it was started.
 */
export const customerLimitInvariant: Invariant = ({ database, events }) =>
  events.flatMap(({ id }) => {
    const limit = database.events.get(null, id)?.maxHeldPerCustomer ?? null
    if (limit === null) return []
    const late = new Set(database.payments.where(null).map(({ replacementHoldId }) => replacementHoldId))
    const units = new Map<string, number>()
    for (const hold of database.holds.whereKey(null, 'eventId', id, ({ state }) => COUNTED.includes(state))) {
      const { accountId, orderId, quantity } = hold
      if (accountId === null || late.has(hold.id)) continue
      const bought = orderId === null ? undefined : database.orders.get(null, orderId)?.quantity
      units.set(accountId, (units.get(accountId) ?? 0) + (bought ?? quantity))
    }
    return [...units]
      .filter(([, count]) => count > limit)
      .map(([customer, count]) => violation('LIMIT', `${customer} has ${count} of ${id}, ${limit} are allowed`))
  })

import { LIVE_HOLD_STATES } from '../../src/domain/hold.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** A customer holds no more of an event at a time than it allows. */
export const customerLimitInvariant: Invariant = ({ database, events }) =>
  events.flatMap(({ id }) => {
    const limit = database.events.get(null, id)?.maxHeldPerCustomer ?? null
    if (limit === null) return []
    const held = new Map<string, number>()
    for (const state of LIVE_HOLD_STATES) {
      for (const { eventId, accountId, quantity } of database.holds.whereKey(null, 'state', state))
        if (eventId === id && accountId !== null) held.set(accountId, (held.get(accountId) ?? 0) + quantity)
    }
    return [...held]
      .filter(([, units]) => units > limit)
      .map(([customer, units]) => violation('LIMIT', `${customer} holds ${units} of ${id}, ${limit} are allowed`))
  })

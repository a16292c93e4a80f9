import { describe, expect, it } from 'vitest'
import { emptyBalances, sold, allocated } from '../../domain/stock/ledger-account.js'
import { DIRECT } from '../../domain/channel.js'
import { reachedBy } from './milestones.js'

/** An event of 100 seats; what is neither sold, held nor safety stock is allocated. */
function eventWith({ units, held = 0, safety = 0, softCapRatio = 0.9 }: Record<string, number>) {
  const left = 100 - (units ?? 0) - held - safety
  const accounts = { [sold(DIRECT)]: units, [allocated(DIRECT)]: left, HELD: held, SAFETY: safety, CAPACITY: -100 }
  return { balances: { ...emptyBalances(), ...accounts }, softCapRatio }
}

describe('reachedBy', () => {
  it.each([
    [{ units: 0 }, []],
    [{ units: 49 }, []],
    [{ units: 50 }, ['HALF']],
    [{ units: 89 }, ['HALF']],
    [{ units: 90 }, ['HALF', 'SOFT_CAP']],
    [{ units: 99, softCapRatio: 1 }, ['HALF']],
    [{ units: 100, softCapRatio: 1 }, ['HALF', 'SOFT_CAP', 'SOLD_OUT']],
    [{ units: 90, safety: 10 }, ['HALF', 'SOFT_CAP', 'SOLD_OUT']],
    [{ units: 90, held: 10 }, ['HALF', 'SOFT_CAP']],
    [{ units: 0, held: 100 }, []],
  ])('finds for %j: %j', (event, expected) => expect(reachedBy(eventWith(event))).toEqual(expected))
})

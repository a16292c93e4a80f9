import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withheldOf } from '../domain/caps/withheld-units.js'
import { capacityOf, emptyBalances, type Balances } from '../domain/stock/ledger-account.js'
import { applyPostings, type Posting } from '../domain/stock/posting.js'
import { sizeChange, type NewSize } from './event-size.js'

interface Sized {
  balances: Balances
  event: { targetCapacity: number; safetyStockRatio: number; withheldUnits: number }
}

const sizes = fc.record(
  { capacity: fc.integer({ min: 1, max: 120 }), safetyStockRatio: fc.integer({ min: 0, max: 9 }).map((n) => n / 10) },
  { requiredKeys: [] },
)

/** 100 units, of which 10 are safety stock and `free` are not allocated. */
function start(free: number): Sized {
  const balances = { ...emptyBalances(), CAPACITY: -100, SAFETY: 10, UNALLOCATED: free, 'ALLOCATED:chn_1': 90 - free }
  return { balances, event: { targetCapacity: 100, safetyStockRatio: 0.1, withheldUnits: 0 } }
}

/** The units that a plan gives to platforms and direct sales. */
function planned({ balances, event }: Sized, withheld = withheldOf(event, balances)): number {
  return Math.max(0, Math.min(event.targetCapacity, capacityOf(balances)) - balances.SAFETY - withheld)
}

function applied(balances: Balances, postings: readonly Posting[]): Balances {
  const result = applyPostings(balances, postings)
  if (!result) throw new Error('the postings are refused')
  return result.balances
}

function change({ balances, event }: Sized, size: NewSize): Sized {
  const { freeing, postings, targetCapacity, withheldUnits } = sizeChange(balances, event, size, 0)
  const safetyStockRatio = size.safetyStockRatio ?? event.safetyStockRatio
  const after = applied(applied(balances, freeing), postings)
  return { balances: after, event: { targetCapacity, safetyStockRatio, withheldUnits } }
}

/** The capacity follows as far as free units allow. */
function follow({ balances, event }: Sized): Sized {
  const quantity = Math.min(capacityOf(balances) - event.targetCapacity, balances.UNALLOCATED)
  if (quantity <= 0) return { balances, event }
  const lowering: Posting = { quantity, sources: ['UNALLOCATED'], destination: 'CAPACITY' }
  return { balances: applied(balances, [lowering]), event }
}

describe('Changes of the size of an event', () => {
  it('put no more units on sale than the capacity is raised by', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 90 }), fc.array(sizes, { maxLength: 6 }), (free, changes) => {
        let sized = start(free)
        for (const size of changes) {
          const next = change(sized, size)
          const raise = Math.max(0, next.event.targetCapacity - sized.event.targetCapacity)
          expect(planned(next)).toBeLessThanOrEqual(planned(sized) + raise)
          sized = follow(next)
        }
      }),
    )
  })

  it('would put freed safety stock on sale if it were not withheld', () => {
    const freed = change(start(0), { safetyStockRatio: 0 })
    expect([planned(freed), planned(freed, 0)]).toEqual([90, 100])
  })
})

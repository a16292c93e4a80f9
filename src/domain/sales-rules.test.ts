import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findInvariantViolation, emptyBalances } from './stock/ledger-account.js'
import { HOLD_STATES, holdAccounts, originOf, returnPostings, salePostings, resolvedState } from './hold.js'
import { applyPostings } from './stock/posting.js'
import { capAfterRelease } from './caps/release-cap.js'
import { countSeats, repeatedSeat, seatLabels } from './events/seat-chart.js'

describe('resolvedState', () => {
  it.each([
    ['confirm', 'CONFIRMED'],
    ['release', 'RELEASED'],
    ['expire', null],
  ] as const)('resolves a live hold on %s to %s, and an overdue one to EXPIRED', (action, state) => {
    expect(resolvedState('HELD', false, action)).toBe(state)
    expect(resolvedState('HELD', true, action)).toBe('EXPIRED')
  })

  it('does not change a hold that is not HELD', () => {
    for (const state of HOLD_STATES.filter((other) => other !== 'HELD')) {
      for (const action of ['confirm', 'release', 'expire'] as const) {
        expect(resolvedState(state, false, action)).toBeNull()
        expect(resolvedState(state, true, action)).toBeNull()
      }
    }
  })
})

describe('Postings of a hold', () => {
  const units = fc.nat(20)

  it('return its units to the accounts they were taken from, or sell all of them', () => {
    fc.assert(
      fc.property(
        units,
        units,
        units,
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (direct, free, safety, quantity, alarm) => {
          const before = { ...emptyBalances(), 'ALLOCATED:DIRECT': direct, UNALLOCATED: free, SAFETY: safety }
          before.CAPACITY = -(direct + free + safety)
          const sources = holdAccounts('DIRECT', !alarm)
          const held = applyPostings(before, [{ quantity, sources, destination: 'HELD' }])
          expect(held !== null).toBe(quantity <= direct + (alarm ? 0 : free))
          if (!held) return
          const origin = originOf(held.movements)
          expect(origin.fromAllocated + origin.fromUnallocated + origin.fromSafety).toBe(quantity)
          expect(applyPostings(held.balances, returnPostings(origin))?.balances).toEqual(before)
          const sold = applyPostings(held.balances, salePostings(quantity))
          expect(sold?.balances).toMatchObject({ HELD: 0, 'SOLD:DIRECT': quantity, SAFETY: safety })
          expect(findInvariantViolation(sold?.balances ?? before)).toBeNull()
        },
      ),
    )
  })

  it('take a hold of safety stock only from SAFETY', () => {
    expect(holdAccounts('SAFETY_STOCK', true)).toEqual(['SAFETY'])
  })
})

describe('A seat chart', () => {
  const chart = [
    { section: 'A', rows: [{ row: '1', count: 2 }, { row: '2', count: 1 }] },
    { section: 'B', rows: [{ row: '1', count: 1 }] },
  ] // prettier-ignore

  it('labels seats in chart order, counts them and finds a repeated label', () => {
    expect(seatLabels(chart)).toEqual(['A-1-1', 'A-1-2', 'A-2-1', 'B-1-1'])
    expect(countSeats(chart)).toBe(4)
    expect(repeatedSeat(seatLabels(chart))).toBeNull()
    expect(repeatedSeat(['A-1-1', 'B-1-1', 'A-1-1'])).toBe('A-1-1')
  })
})

describe('capAfterRelease', () => {
  const channel = { confirmedCap: 90, unconfirmedCap: null, sold: 40, pending: 3, desiredCap: 90 }

  it('raises the cap of an open channel by the released units', () => {
    expect(capAfterRelease({ ...channel, desiredMode: 'OPEN' }, 5)).toBe(95)
    expect(capAfterRelease({ ...channel, desiredMode: 'OPEN', sold: 100 }, 5)).toBe(108)
  })

  it('sets the cap of a closed channel to sold and pending tickets plus the released units', () => {
    expect(capAfterRelease({ ...channel, desiredMode: 'WAITLIST_ONLY' }, 5)).toBe(48)
  })
})

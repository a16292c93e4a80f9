import { describe, expect, it } from 'vitest'
import { emptyBalances, type Balances } from '../stock/ledger-account.js'
import type { CapKnowledge } from './exposure.js'
import { followPostings, freeFor, hasUncoveredChannel, type KnownChannel } from './follow-exposure.js'
import { holdAccounts } from '../hold.js'
import { applyPostings } from '../stock/posting.js'
import { nextWrite, type ChannelCapState } from './next-write.js'

/** Capacity 300, safety stock 30; units that Luma has neither sold nor allocated are free. */
function balancesWith(luma: { sold: number; allocated: number }): Balances {
  const own = { 'SOLD:LUMA': luma.sold, 'ALLOCATED:LUMA': luma.allocated }
  const UNALLOCATED = 270 - luma.sold - luma.allocated
  return { ...emptyBalances(), ...own, UNALLOCATED, SAFETY: 30, CAPACITY: -300 }
}
const none = { unconfirmedCap: null, sold: 0, pending: 0, platformSold: null }
const openChannel = { ...none, desiredCap: 300, desiredMode: 'OPEN', confirmedMode: 'OPEN', allocated: 0 } as const
const capOf = (channel: ChannelCapState, free: number): number => {
  const write = nextWrite(channel, free)
  return write.kind === 'WRITE' ? write.cap : (channel.confirmedCap ?? Infinity)
}

describe('exposure (negative controls)', () => {
  /** Tickets beyond the capacity if Meetup gets all units that `known` leaves free and Luma has sold `platformSales`. */
  function beyond(known: CapKnowledge, platformSales: number): number {
    const luma: KnownChannel = { ...known, id: 'LUMA' }
    const meetup = { ...openChannel, id: 'MEETUP', confirmedCap: 0 } as const
    const before = balancesWith({ sold: known.sold, allocated: 270 - known.sold })
    const after = applyPostings(before, followPostings(before, [luma, meetup], 300))?.balances ?? before
    return platformSales + capOf(meetup, freeFor(after, meetup, [luma], 0)) + after.SAFETY - 300
  }

  it.each([
    [
      'the count reported by the platform',
      { confirmedCap: 14, sold: 9, platformSold: 45 },
      { platformSold: null },
      45,
      31,
    ],
    ['open carts', { confirmedCap: 10, sold: 10, platformSold: 10, pending: 5 }, { pending: 0 }, 15, 5],
    ['the cap before an uncounted closing', { confirmedCap: 1, uncountedCap: 60 }, { uncountedCap: null }, 60, 59],
    [
      'a raise that may still take effect',
      { confirmedCap: 10, unconfirmedCap: 200 },
      { unconfirmedCap: null },
      200,
      190,
    ],
  ])('covers %s; when that is ignored, the units are sold twice', (_, state, ignored, platformSales, excess) => {
    const known = { ...none, ...state }
    expect(beyond(known, platformSales)).toBe(0)
    expect(beyond({ ...known, ...ignored }, platformSales)).toBe(excess)
  })
})

describe('an uncovered platform (negative controls)', () => {
  it.each([
    ['no cap', null, 270],
    ['a raised cap', 36, 250],
  ])('with %s blocks free units for other caps and holds; when it is ignored, all of them are used', (_, cap, free) => {
    const balances = balancesWith({ sold: 0, allocated: cap === null ? 0 : 20 })
    const luma: KnownChannel = { ...none, id: 'LUMA', confirmedCap: cap }
    const meetup = { ...openChannel, id: 'MEETUP', confirmedCap: 1, allocated: 1 } as const
    const held = (channels: KnownChannel[]) => {
      const from = holdAccounts('DIRECT', !hasUncoveredChannel(balances, channels))
      return applyPostings(balances, [{ quantity: free, sources: from, destination: 'HELD' }])?.balances.HELD ?? 0
    }
    const raised = (others: KnownChannel[]) => capOf(meetup, freeFor(balances, meetup, others, 0))
    expect([held([luma]), raised([luma])]).toEqual([0, 1])
    expect([held([]), raised([])]).toEqual([free, free + 1])
  })
})

describe('nextWrite (negative controls)', () => {
  it('limits a first cap to the free units; without the limit it sells held units', () => {
    const unlimited = { ...openChannel, confirmedCap: null, desiredCap: 135 }
    // Of the 270, Meetup has 135 and 100 are held.
    expect(capOf(unlimited, 35) + 135 + 100 + 30 - 300).toBe(0)
    expect(capOf(unlimited, Infinity) + 135 + 100 + 30 - 300).toBe(100)
  })

  it('does not raise a cap for units borrowed from the safety stock; otherwise they are lost permanently', () => {
    const full = { ...openChannel, confirmedCap: 60, sold: 65, uncovered: 5 }
    // Meetup has 210. The five cancellations that made room have not been read yet.
    expect(capOf(full, 0) + 210 + 30 - 300).toBe(0)
    const { uncovered: _, ...withoutLoan } = full
    expect(capOf(withoutLoan, 0) + 210 + 30 - 300).toBe(5)
  })

  it('writes a closing again after an unconfirmed raise; otherwise the raise may stay in effect undetected', () => {
    const closed = {
      ...openChannel,
      desiredMode: 'WAITLIST_ONLY',
      confirmedMode: 'WAITLIST_ONLY',
      confirmedCap: 1,
    } as const
    const overwritten = { ...closed, unconfirmedCap: 60, unconfirmed: true }
    expect(nextWrite(overwritten, 0)).toMatchObject({ kind: 'WRITE', mode: 'WAITLIST_ONLY', cap: 1 })
    expect(nextWrite({ ...overwritten, unconfirmed: false }, 0)).toEqual({ kind: 'AWAIT_READING' })
    expect(nextWrite({ ...overwritten, unconfirmed: false, unconfirmedCap: null }, 0)).toEqual({ kind: 'IN_SYNC' })
  })
})

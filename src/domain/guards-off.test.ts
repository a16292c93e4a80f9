import { describe, expect, it } from 'vitest'
import { emptyBalances, type Balances } from './ledger-account.js'
import type { CapKnowledge } from './exposure.js'
import { followPostings, freeFor, hasUncoveredChannel, type KnownChannel } from './follow-exposure.js'
import { holdAccounts } from './hold.js'
import { applyPostings } from './posting.js'
import { nextWrite, type ChannelCapState } from './next-write.js'

/** 300 tickets, 30 of them safety stock; what Luma has neither sold nor allocated is free. */
function evening(luma: { sold: number; allocated: number }): Balances {
  const own = { 'SOLD:LUMA': luma.sold, 'ALLOCATED:LUMA': luma.allocated }
  const UNALLOCATED = 270 - luma.sold - luma.allocated
  return { ...emptyBalances(), ...own, UNALLOCATED, SAFETY: 30, CAPACITY: -300 }
}
const none = { unconfirmedCap: null, sold: 0, pending: 0, platformSold: null }
const wish = { ...none, desiredCap: 300, desiredMode: 'OPEN', confirmedMode: 'OPEN', allocated: 0 } as const
const capOf = (channel: ChannelCapState, free: number): number => {
  const write = nextWrite(channel, free)
  return write.kind === 'WRITE' ? write.cap : (channel.confirmedCap ?? Infinity)
}

describe('what a platform may have sold', () => {
  /** Tickets beyond the capacity once Meetup has all that this knowledge of Luma sets free, and `there` are sold on Luma. */
  function beyond(known: CapKnowledge, there: number): number {
    const luma: KnownChannel = { ...known, platform: 'LUMA' }
    const meetup = { ...wish, platform: 'MEETUP', confirmedCap: 0 } as const
    const before = evening({ sold: known.sold, allocated: 270 - known.sold })
    const after = applyPostings(before, followPostings(before, [luma, meetup], 300))?.balances ?? before
    return there + capOf(meetup, freeFor(after, meetup, [luma])) + after.SAFETY - 300
  }

  it.each([
    ['the count of the platform', { confirmedCap: 14, sold: 9, platformSold: 45 }, { platformSold: null }, 45, 31],
    ['its open carts', { confirmedCap: 10, sold: 10, platformSold: 10, pending: 5 }, { pending: 0 }, 15, 5],
    ['the cap before an uncounted closing', { confirmedCap: 1, uncountedCap: 60 }, { uncountedCap: null }, 60, 59],
    ['a raise that may land', { confirmedCap: 10, unconfirmedCap: 200 }, { unconfirmedCap: null }, 200, 190],
  ])('is kept for it because of %s; without that it is sold again elsewhere', (_, facts, forgotten, there, excess) => {
    const known = { ...none, ...facts }
    expect(beyond(known, there)).toBe(0)
    expect(beyond({ ...known, ...forgotten }, there)).toBe(excess)
  })
})

describe('while a platform can sell more than is kept for it', () => {
  it.each([
    ['no limit', null, 270],
    ['a raised limit', 36, 250],
  ])('because of %s, free units are for no other cap and no hold; otherwise all of them are', (_, cap, free) => {
    const balances = evening({ sold: 0, allocated: cap === null ? 0 : 20 })
    const luma: KnownChannel = { ...none, platform: 'LUMA', confirmedCap: cap }
    const meetup = { ...wish, platform: 'MEETUP', confirmedCap: 1, allocated: 1 } as const
    const held = (channels: KnownChannel[]) => {
      const from = holdAccounts('DIRECT', !hasUncoveredChannel(balances, channels))
      return applyPostings(balances, [{ quantity: free, sources: from, destination: 'HELD' }])?.balances.HELD ?? 0
    }
    const raised = (others: KnownChannel[]) => capOf(meetup, freeFor(balances, meetup, others))
    expect([held([luma]), raised([luma])]).toEqual([0, 1])
    expect([held([]), raised([])]).toEqual([free, free + 1])
  })
})

describe('a cap', () => {
  it('that is the first one reaches as far as free units; without a bound it sells what is held', () => {
    const unlimited = { ...wish, confirmedCap: null, desiredCap: 135 }
    // Of the 270, Meetup has 135 and 100 are held.
    expect(capOf(unlimited, 35) + 135 + 100 + 30 - 300).toBe(0)
    expect(capOf(unlimited, Infinity) + 135 + 100 + 30 - 300).toBe(100)
  })

  it('is not raised by what the safety stock lent; otherwise it takes that for good', () => {
    const full = { ...wish, confirmedCap: 60, sold: 65, lent: 5 }
    // Meetup has 210. The five cancellations that made room are on their way.
    expect(capOf(full, 0) + 210 + 30 - 300).toBe(0)
    const { lent: _, ...forgotten } = full
    expect(capOf(forgotten, 0) + 210 + 30 - 300).toBe(5)
  })

  it('that closes is written again over a raise without an answer; otherwise that may stand, unnoticed', () => {
    const closed = { ...wish, desiredMode: 'WAITLIST_ONLY', confirmedMode: 'WAITLIST_ONLY', confirmedCap: 1 } as const
    const overwritten = { ...closed, unconfirmedCap: 60, unanswered: true }
    expect(nextWrite(overwritten, 0)).toMatchObject({ kind: 'WRITE', mode: 'WAITLIST_ONLY', cap: 1 })
    expect(nextWrite({ ...overwritten, unconfirmed: false }, 0)).toEqual({ kind: 'SETTLE' })
    expect(nextWrite({ ...overwritten, unconfirmed: false, unconfirmedCap: null }, 0)).toEqual({ kind: 'IN_SYNC' })
  })
})

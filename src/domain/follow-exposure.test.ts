import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocated, findInvariantViolation, emptyBalances, sold, type Balances } from './ledger-account.js'
import { PLATFORMS, type Platform } from './channel.js'
import { exposure, seatsTaken } from './exposure.js'
import { followPostings, freeFor, freeUnits, isUncovered, type KnownChannel } from './follow-exposure.js'
import { applyPostings } from './posting.js'
import { nextWrite, type ChannelCapState } from './next-write.js'

const count = fc.nat(20)
const channelState = fc.record({
  allocated: count,
  sold: count,
  confirmedCap: fc.option(fc.nat(45), { freq: 8 }),
  unconfirmedCap: fc.option(fc.nat(45), { freq: 2 }),
  uncountedCap: fc.option(fc.oneof(fc.nat(45), fc.constant(Infinity)), { freq: 2 }),
  pending: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, fc.nat(60)),
  platformSold: fc.option(fc.nat(45), { freq: 3 }),
})
const world = fc.record({
  unallocated: count,
  inTransit: count,
  safety: fc.nat(10),
  direct: fc.nat(3),
  oversold: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(40)),
  unmet: fc.nat(30),
  borrowed: fc.nat(3),
  channels: fc.tuple(channelState, channelState, channelState),
})
type World = typeof world extends fc.Arbitrary<infer T> ? T : never

type Given = Omit<World, 'direct' | 'oversold'> & Partial<World>

/** Nothing in carts, and nothing that the ledger does not know of. */
const counted = { pending: 0, platformSold: null, uncountedCap: null }

function build({ unallocated, inTransit, safety, direct = 0, oversold = 0, channels }: Given): {
  balances: Balances
  known: KnownChannel[]
} {
  const balances = emptyBalances()
  const own = { UNALLOCATED: unallocated, IN_TRANSIT: inTransit, SAFETY: safety, 'ALLOCATED:DIRECT': direct }
  Object.assign(balances, own, { OVERSOLD: -oversold })
  const known = channels.map((channel, index) => {
    const platform = PLATFORMS[index] as Platform
    balances[allocated(platform)] = channel.allocated
    const all = channel.sold + (index === 1 ? oversold : 0)
    balances[sold(platform)] = all
    return { ...channel, platform, sold: all }
  })
  balances.CAPACITY = -Object.values(balances).reduce((sum, units) => sum + units, 0)
  return { balances, known }
}

describe('followPostings', () => {
  it('never makes units, covers what free units reach, and has nothing left to do afterwards', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { balances, known } = build(given)
        const borrowed = given.borrowed
        const postings = followPostings(balances, known, given.unmet, borrowed)
        const applied = applyPostings(balances, postings)
        if (!applied) throw new Error('a posting found too little')
        const after = applied.balances
        expect(findInvariantViolation(after)).toBeNull()
        const owed = -after.OVERSOLD
        expect(owed).toBeLessThanOrEqual(given.oversold)
        if (owed > 0) expect([freeUnits(after), after.SAFETY, after['ALLOCATED:DIRECT']]).toEqual([0, 0, 0])
        const returned = postings
          .filter(({ destination }) => destination === 'SAFETY')
          .reduce((sum, { quantity }) => sum + quantity, 0)
        expect(returned).toBeLessThanOrEqual(borrowed)
        for (const channel of known) {
          if (exposure(channel) === Infinity) continue
          if (isUncovered(after, channel)) expect(freeUnits(after)).toBe(0)
        }
        expect(followPostings(after, known, given.unmet, borrowed - returned)).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  it('pays what is oversold with all that no platform can sell, and with what one lets go of', () => {
    const nothing = { allocated: 0, sold: 0, confirmedCap: 0, unconfirmedCap: null, ...counted }
    const letsGo = { allocated: 6, sold: 4, confirmedCap: 6, unconfirmedCap: null, ...counted }
    const given = { unallocated: 1, inTransit: 1, safety: 2, direct: 1, oversold: 8, unmet: 5, borrowed: 2 }
    const { balances, known } = build({ ...given, channels: [letsGo, nothing, nothing] })
    expect(applyPostings(balances, followPostings(balances, known, 5, 2))?.balances).toMatchObject({
      OVERSOLD: 0,
      UNALLOCATED: 0,
      SAFETY: 1,
      'ALLOCATED:DIRECT': 0,
      [allocated(PLATFORMS[0])]: 2,
    })
  })

  it('gives back to the safety stock first what was borrowed from it', () => {
    const { balances, known } = build({
      unallocated: 0,
      inTransit: 0,
      safety: 9,
      unmet: 5,
      borrowed: 1,
      channels: [
        { allocated: 3, sold: 7, confirmedCap: 8, unconfirmedCap: null, ...counted },
        { allocated: 0, sold: 0, confirmedCap: 0, unconfirmedCap: null, ...counted },
        { allocated: 0, sold: 0, confirmedCap: 0, unconfirmedCap: null, ...counted },
      ],
    })
    expect(applyPostings(balances, followPostings(balances, known, 5, 1))?.balances).toMatchObject({
      SAFETY: 10,
      IN_TRANSIT: 1,
      'ALLOCATED:MEETUP': 1,
    })
  })
})

describe('exposure', () => {
  it('is never below what any source says is sold', () => {
    fc.assert(
      fc.property(channelState, fc.nat(20), (state, cancelled) => {
        const sold = Math.max(0, state.sold - cancelled)
        expect(exposure({ ...state, sold })).toBeGreaterThanOrEqual(sold)
        // A cancellation that we hear of may be one that the platform's count had left out already.
        const counted = (state.platformSold ?? 0) + (state.platformSold === null ? 0 : state.pending)
        expect(exposure({ ...state, sold })).toBeGreaterThanOrEqual(counted)
      }),
      { numRuns: 1_000 },
    )
  })

  it('keeps what the platform counts when one of the few sales that we know is cancelled', () => {
    const known = { confirmedCap: 14, unconfirmedCap: null, pending: 0, platformSold: 45 }
    expect(exposure({ ...known, sold: 10 })).toBe(45)
    expect(exposure({ ...known, sold: 9 })).toBe(45)
  })
})

const wish = fc.record({
  desiredCap: fc.option(fc.nat(60), { freq: 9 }),
  mode: fc.boolean(),
  open: fc.boolean(),
  unanswered: fc.boolean(),
  justCounted: fc.boolean(),
  free: count,
})
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never

const wanting = (state: World['channels'][0], { mode, open, ...given }: Wish): ChannelCapState => ({
  ...state,
  ...given,
  desiredMode: mode ? 'OPEN' : 'WAITLIST_ONLY',
  confirmedMode: open ? 'OPEN' : 'WAITLIST_ONLY',
})

/** What a rule for the next write must keep to, whatever it is asked. */
function expectSafe(rule: typeof nextWrite): void {
  fc.assert(
    fc.property(channelState, wish, (state, given) => {
      const write = rule(wanting(state, given), given.free)
      if (write.kind !== 'WRITE') return
      const { confirmedCap, sold, allocated: own } = state
      expect(write.cap).toBeGreaterThanOrEqual(1)
      expect(write.units).toBeLessThanOrEqual(given.free)
      // Nothing goes above what is wanted, but for what is taken under the cap in force.
      const kept = Math.min(seatsTaken(state), confirmedCap ?? Infinity)
      expect(write.cap).toBeLessThanOrEqual(Math.max(1, write.mode === 'OPEN' ? (given.desiredCap ?? 0) : 0, kept))
      // What the cap in force does not allow already is covered, or nobody could be kept from having it.
      const covered = sold + own + write.units
      const allowed = confirmedCap ?? Math.max(1, seatsTaken(state))
      if (write.cap > Math.max(1, allowed)) expect(write.cap).toBeLessThanOrEqual(covered)
    }),
    { numRuns: 2_500 },
  )
}

describe('nextWrite', () => {
  it('never raises a cap above what is wanted, nor beyond what units cover', () => {
    expectSafe(nextWrite)
  })

  it('negative control: a rule that writes whatever is taken there, or covers nothing, does not pass', () => {
    const raises: typeof nextWrite = (channel, free) => {
      const write = nextWrite(channel, free)
      return write.kind === 'WRITE' ? { ...write, cap: Math.max(write.cap, seatsTaken(channel)) } : write
    }
    expect(() => expectSafe(raises)).toThrow()
    const uncovered: typeof nextWrite = (channel, free) => {
      const write = nextWrite(channel, free)
      return write.kind === 'WRITE' ? { ...write, units: 0 } : write
    }
    expect(() => expectSafe(uncovered)).toThrow()
  })

  it('is never in step while something that was sent has no answer or may still land', () => {
    fc.assert(
      fc.property(channelState, wish, (state, given) => {
        const { kind } = nextWrite(wanting(state, given), given.free)
        if (given.unanswered && given.desiredCap !== null) expect(kind).toBe('WRITE')
        if (state.unconfirmedCap !== null) expect(kind).not.toBe('IN_SYNC')
      }),
      { numRuns: 1_500 },
    )
  })

  const standing = {
    confirmedCap: 90,
    unconfirmedCap: null,
    sold: 5,
    pending: 0,
    platformSold: null,
    desiredCap: 90,
    desiredMode: 'OPEN',
    confirmedMode: 'OPEN',
    allocated: 85,
  } satisfies ChannelCapState

  it('opens again after a closing whose answer was lost', () => {
    const lost = { ...standing, unconfirmedCap: 90, unanswered: true }
    expect(nextWrite(lost, 0)).toEqual({ kind: 'WRITE', mode: 'OPEN', cap: 90, units: 0, lane: 'grow' })
  })

  it('covers the first cap of a platform without one, and writes it only as far as units reach', () => {
    const unlimited = { ...standing, confirmedCap: null, sold: 0, allocated: 0, desiredCap: 135 }
    expect(nextWrite(unlimited, 270)).toMatchObject({ mode: 'OPEN', cap: 135, units: 135 })
    expect(nextWrite(unlimited, 60)).toMatchObject({ mode: 'OPEN', cap: 60, units: 60 })
    expect(nextWrite({ ...unlimited, sold: 20, allocated: 3 }, 0)).toMatchObject({ mode: 'OPEN', cap: 23, units: 0 })
    expect(nextWrite(unlimited, 0)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 1, units: 0 })
  })

  it('raises a cap no further before a read has shown whom the last raise let in, and may close, lower and open it', () => {
    const unread = { ...standing, confirmedCap: 20, desiredCap: 40, allocated: 20, unread: true }
    expect(nextWrite(unread, 50)).toEqual({ kind: 'WAIT' })
    expect(nextWrite({ ...unread, unread: false }, 50)).toMatchObject({ mode: 'OPEN', cap: 40 })
    expect(nextWrite({ ...unread, desiredCap: 10 }, 0)).toMatchObject({ mode: 'OPEN', cap: 10 })
    expect(nextWrite({ ...unread, desiredMode: 'WAITLIST_ONLY' }, 0)).toMatchObject({ mode: 'WAITLIST_ONLY' })
    expect(nextWrite({ ...unread, confirmedMode: 'WAITLIST_ONLY' }, 50)).toMatchObject({ mode: 'OPEN', cap: 40 })
    expect(nextWrite({ ...unread, unconfirmed: true }, 50)).toMatchObject({ mode: 'OPEN', cap: 40 })
  })

  it('does not follow carts beyond the cap in force', () => {
    const carts = { ...standing, confirmedCap: 95, desiredCap: 90, sold: 90, platformSold: 90, pending: 30 }
    expect(nextWrite({ ...carts, allocated: 30 }, 50)).toEqual({ kind: 'IN_SYNC' })
    expect(nextWrite({ ...carts, desiredMode: 'WAITLIST_ONLY' }, 0)).toMatchObject({ cap: 95 })
  })

  it('closes at what the platform has just counted where our own count left it open', () => {
    const closing = { ...standing, desiredMode: 'WAITLIST_ONLY', confirmedCap: 5, platformSold: 4 } as const
    expect(nextWrite(closing, 0)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 5 })
    expect(nextWrite({ ...closing, justCounted: true }, 0)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 4 })
  })
})

describe('freeFor', () => {
  const none = { allocated: 0, sold: 0, unconfirmedCap: null, pending: 0, platformSold: null }
  const given = { unallocated: 20, inTransit: 0, safety: 0, unmet: 0, borrowed: 0 }
  const bounded = { ...none, confirmedCap: 0, uncountedCap: null }
  const unlimited = { ...none, confirmedCap: null, uncountedCap: null }

  it('gives nothing to a channel while another one is not covered, and its share to one without a cap', () => {
    const { balances, known } = build({ ...given, channels: [bounded, unlimited, unlimited] })
    const [first, second, third] = known as [KnownChannel, KnownChannel, KnownChannel]
    expect(freeFor(balances, first, [second, third])).toBe(0)
    expect(freeFor(balances, second, [first, third])).toBe(20)
  })
})

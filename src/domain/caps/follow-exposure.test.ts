import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocated, findInvariantViolation, emptyBalances, sold, type Balances } from '../stock/ledger-account.js'
import { exposure, seatsTaken } from './exposure.js'
import { followPostings, freeFor, freeUnits, isUncovered, type KnownChannel } from './follow-exposure.js'
import { applyPostings } from '../stock/posting.js'
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

type BuildInput = Omit<World, 'direct' | 'oversold'> & Partial<World>

/** Nothing in carts, and all platform sales recorded in the ledger. */
const fullyCounted = { pending: 0, platformSold: null, uncountedCap: null }

function build({ unallocated, inTransit, safety, direct = 0, oversold = 0, channels }: BuildInput): {
  balances: Balances
  known: KnownChannel[]
} {
  const balances = emptyBalances()
  const own = { UNALLOCATED: unallocated, IN_TRANSIT: inTransit, SAFETY: safety, 'ALLOCATED:DIRECT': direct }
  Object.assign(balances, own, { OVERSOLD: -oversold })
  const known = channels.map((channel, index) => {
    const id = `chn_${index}`
    balances[allocated({ id })] = channel.allocated
    const all = channel.sold + (index === 1 ? oversold : 0)
    balances[sold({ id })] = all
    return { ...channel, id, sold: all }
  })
  balances.CAPACITY = -Object.values(balances).reduce((sum, units) => sum + units, 0)
  return { balances, known }
}

describe('followPostings', () => {
  it('never creates units, covers exposure as far as free units suffice, and is idempotent', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { balances, known } = build(given)
        const borrowed = given.borrowed
        const postings = followPostings(balances, known, given.unmet, borrowed)
        const applied = applyPostings(balances, postings)
        if (!applied) throw new Error('a posting had insufficient units')
        const after = applied.balances
        expect(findInvariantViolation(after)).toBeNull()
        const oversold = -after.OVERSOLD
        expect(oversold).toBeLessThanOrEqual(given.oversold)
        if (oversold > 0) expect([freeUnits(after), after.SAFETY, after['ALLOCATED:DIRECT']]).toEqual([0, 0, 0])
        const returned = postings
          .filter(({ destination }) => destination === 'SAFETY')
          .reduce((sum, { quantity }) => sum + quantity, 0)
        expect(returned).toBeLessThanOrEqual(borrowed)
        for (const channel of known) {
          if (exposure(channel) === Infinity) continue
          if (isUncovered(after, channel)) expect([freeUnits(after), returned]).toEqual([0, 0])
        }
        expect(followPostings(after, known, given.unmet, borrowed - returned)).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  it('covers oversold tickets with units that no platform can sell, then with units that one releases', () => {
    const nothing = { allocated: 0, sold: 0, confirmedCap: 0, unconfirmedCap: null, ...fullyCounted }
    const releasing = { allocated: 6, sold: 4, confirmedCap: 6, unconfirmedCap: null, ...fullyCounted }
    const given = { unallocated: 1, inTransit: 1, safety: 2, direct: 1, oversold: 8, unmet: 5, borrowed: 2 }
    const { balances, known } = build({ ...given, channels: [releasing, nothing, nothing] })
    expect(applyPostings(balances, followPostings(balances, known, 5, 2))?.balances).toMatchObject({
      OVERSOLD: 0,
      UNALLOCATED: 0,
      SAFETY: 1,
      'ALLOCATED:DIRECT': 0,
      'ALLOCATED:chn_0': 2,
    })
  })

  it('covers what platforms can still sell before it repays the safety stock', () => {
    const { balances, known } = build({
      unallocated: 0,
      inTransit: 0,
      safety: 7,
      unmet: 0,
      borrowed: 3,
      channels: [
        { allocated: 27, sold: 3, confirmedCap: 16, unconfirmedCap: null, ...fullyCounted },
        { allocated: 0, sold: 3, confirmedCap: 15, unconfirmedCap: null, ...fullyCounted },
        { allocated: 0, sold: 0, confirmedCap: 0, unconfirmedCap: null, ...fullyCounted },
      ],
    })
    expect(applyPostings(balances, followPostings(balances, known, 0, 3))?.balances).toMatchObject({
      SAFETY: 9,
      'ALLOCATED:chn_0': 13,
      'ALLOCATED:chn_1': 12,
    })
  })

  it('repays borrowed units to the safety stock before others grow', () => {
    const { balances, known } = build({
      unallocated: 0,
      inTransit: 0,
      safety: 9,
      unmet: 5,
      borrowed: 1,
      channels: [
        { allocated: 3, sold: 7, confirmedCap: 8, unconfirmedCap: null, ...fullyCounted },
        { allocated: 0, sold: 0, confirmedCap: 0, unconfirmedCap: null, ...fullyCounted },
        { allocated: 0, sold: 0, confirmedCap: 0, unconfirmedCap: null, ...fullyCounted },
      ],
    })
    expect(applyPostings(balances, followPostings(balances, known, 5, 1))?.balances).toMatchObject({
      SAFETY: 10,
      IN_TRANSIT: 1,
      'ALLOCATED:chn_0': 1,
    })
  })
})

describe('Units in transit', () => {
  it('repay the safety stock before they let a channel grow: one with sales on loan could not use them', () => {
    const lent = { allocated: 0, sold: 3, confirmedCap: 3, unconfirmedCap: null, ...fullyCounted }
    const closed = { allocated: 0, sold: 0, confirmedCap: 0, unconfirmedCap: null, ...fullyCounted }
    const given = { unallocated: 0, inTransit: 4, safety: 1, unmet: 4, borrowed: 3 }
    const { balances, known } = build({ ...given, channels: [lent, closed, closed] })
    const growing = { ...lent, desiredCap: 7, desiredMode: 'OPEN', confirmedMode: 'OPEN', uncovered: 3 } as const
    expect(nextWrite(growing, 4)).toMatchObject({ kind: 'WRITE', cap: 4 })
    expect(nextWrite(growing, 3)).toEqual({ kind: 'WAIT' })
    expect(applyPostings(balances, followPostings(balances, known, 4, 3))?.balances).toMatchObject({
      SAFETY: 4,
      IN_TRANSIT: 1,
      UNALLOCATED: 0,
    })
  })
})

describe('exposure', () => {
  it('is never below the sold count of any source', () => {
    fc.assert(
      fc.property(channelState, fc.nat(20), (state, cancelled) => {
        const sold = Math.max(0, state.sold - cancelled)
        expect(exposure({ ...state, sold })).toBeGreaterThanOrEqual(sold)
        // A cancellation that is read may already have been excluded from the platform's count.
        const counted = (state.platformSold ?? 0) + (state.platformSold === null ? 0 : state.pending)
        expect(exposure({ ...state, sold })).toBeGreaterThanOrEqual(counted)
      }),
      { numRuns: 1_000 },
    )
  })

  it('stays at the count of the platform when one of fewer recorded sales is cancelled', () => {
    const known = { confirmedCap: 14, unconfirmedCap: null, pending: 0, platformSold: 45 }
    expect(exposure({ ...known, sold: 10 })).toBe(45)
    expect(exposure({ ...known, sold: 9 })).toBe(45)
  })
})

const desiredState = fc.record({
  desiredCap: fc.option(fc.nat(60), { freq: 9 }),
  mode: fc.boolean(),
  open: fc.boolean(),
  unconfirmed: fc.boolean(),
  justCounted: fc.option(fc.record({ sold: count, pending: count })),
  free: count,
})
type DesiredState = typeof desiredState extends fc.Arbitrary<infer T> ? T : never

const withDesired = (state: World['channels'][0], { mode, open, ...given }: DesiredState): ChannelCapState => ({
  ...state,
  ...given,
  desiredMode: mode ? 'OPEN' : 'WAITLIST_ONLY',
  confirmedMode: open ? 'OPEN' : 'WAITLIST_ONLY',
})

/** Safety properties of a rule for the next write, for any input. */
function expectSafe(rule: typeof nextWrite): void {
  fc.assert(
    fc.property(channelState, desiredState, (state, given) => {
      const write = rule(withDesired(state, given), given.free)
      if (write.kind !== 'WRITE') return
      const { confirmedCap, sold, allocated: own } = state
      expect(write.cap).toBeGreaterThanOrEqual(1)
      expect(write.units).toBeLessThanOrEqual(given.free)
      // No write exceeds the desired cap, except for seats taken under the current cap.
      const takenUnderCap = Math.min(seatsTaken(state), confirmedCap ?? Infinity)
      expect(write.cap).toBeLessThanOrEqual(
        Math.max(1, write.mode === 'OPEN' ? (given.desiredCap ?? 0) : 0, takenUnderCap),
      )
      // Anything beyond the current cap is covered, unless the platform can sell it anyway.
      const covered = sold + own + write.units
      const allowed = confirmedCap ?? Math.max(1, seatsTaken(state))
      if (write.cap > Math.max(1, allowed)) expect(write.cap).toBeLessThanOrEqual(covered)
    }),
    { numRuns: 2_500 },
  )
}

describe('nextWrite', () => {
  it('never raises a cap above the desired cap, nor beyond what units cover', () => {
    expectSafe(nextWrite)
  })

  it('negative control: a rule that always writes the seats taken, or allocates no units, fails the safety properties', () => {
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

  it('is never in sync while a write is unconfirmed or may still take effect', () => {
    fc.assert(
      fc.property(channelState, desiredState, (state, given) => {
        const { kind } = nextWrite(withDesired(state, given), given.free)
        if (given.unconfirmed && given.desiredCap !== null) expect(kind).toBe('WRITE')
        if (state.unconfirmedCap !== null) expect(kind).not.toBe('IN_SYNC')
      }),
      { numRuns: 1_500 },
    )
  })

  const openChannel = {
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

  it('reopens a channel after a closing write with a lost response', () => {
    const lost = { ...openChannel, unconfirmedCap: 90, unconfirmed: true }
    expect(nextWrite(lost, 0)).toEqual({ kind: 'WRITE', mode: 'OPEN', cap: 90, units: 0, lane: 'grow' })
  })

  it('covers the first cap of a platform without a cap, and limits it to the available units', () => {
    const unlimited = { ...openChannel, confirmedCap: null, sold: 0, allocated: 0, desiredCap: 135 }
    expect(nextWrite(unlimited, 270)).toMatchObject({ mode: 'OPEN', cap: 135, units: 135 })
    expect(nextWrite(unlimited, 60)).toMatchObject({ mode: 'OPEN', cap: 60, units: 60 })
    expect(nextWrite({ ...unlimited, sold: 20, allocated: 3 }, 0)).toMatchObject({ mode: 'OPEN', cap: 23, units: 0 })
    expect(nextWrite(unlimited, 0)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 1, units: 0 })
  })

  it('does not raise a cap again before a read after the last raise, but may close, lower or open it', () => {
    const unread = { ...openChannel, confirmedCap: 20, desiredCap: 40, allocated: 20, unread: true }
    expect(nextWrite(unread, 50)).toEqual({ kind: 'WAIT' })
    expect(nextWrite({ ...unread, unread: false }, 50)).toMatchObject({ mode: 'OPEN', cap: 40 })
    expect(nextWrite({ ...unread, desiredCap: 10 }, 0)).toMatchObject({ mode: 'OPEN', cap: 10 })
    expect(nextWrite({ ...unread, desiredMode: 'WAITLIST_ONLY' }, 0)).toMatchObject({ mode: 'WAITLIST_ONLY' })
    expect(nextWrite({ ...unread, confirmedMode: 'WAITLIST_ONLY' }, 50)).toMatchObject({ mode: 'OPEN', cap: 40 })
    expect(nextWrite({ ...unread, unconfirmed: true }, 50)).toMatchObject({ mode: 'OPEN', cap: 40 })
  })

  it('does not raise the cap for carts beyond the current cap', () => {
    const carts = { ...openChannel, confirmedCap: 95, desiredCap: 90, sold: 90, platformSold: 90, pending: 30 }
    expect(nextWrite({ ...carts, allocated: 30 }, 50)).toEqual({ kind: 'IN_SYNC' })
    expect(nextWrite({ ...carts, desiredMode: 'WAITLIST_ONLY' }, 0)).toMatchObject({ cap: 95 })
  })

  it('closes at the count just reported by the platform when the recorded count left it open', () => {
    const closing = { ...openChannel, desiredMode: 'WAITLIST_ONLY', confirmedCap: 5, platformSold: 4 } as const
    expect(nextWrite(closing, 0)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 5 })
    const justCounted = { sold: 4, pending: 0 }
    expect(nextWrite({ ...closing, justCounted }, 0)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 4 })
    // The recorded count stays above it while more sales are recorded, whose cancellations are not read yet.
    const ahead = { ...closing, sold: 8, platformSold: 5, justCounted }
    expect(nextWrite(ahead, 0)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 4 })
  })

  it('closes at the sold tickets of a platform on which carts do not count against the cap', () => {
    const closing = { ...openChannel, desiredMode: 'WAITLIST_ONLY', confirmedCap: 20, sold: 19 } as const
    const counted = { ...closing, platformSold: 19, pending: 4, justCounted: { sold: 19, pending: 4 } }
    expect(nextWrite(counted, 0)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 19 })
    // They do where the platform confirms that it is closed.
    expect(nextWrite({ ...counted, confirmedMode: 'WAITLIST_ONLY' }, 0)).toEqual({ kind: 'IN_SYNC' })
  })
})

describe('freeFor', () => {
  const none = { allocated: 0, sold: 0, unconfirmedCap: null, pending: 0, platformSold: null }
  const given = { unallocated: 20, inTransit: 0, safety: 0, unmet: 0, borrowed: 0 }
  const bounded = { ...none, confirmedCap: 0, uncountedCap: null }
  const unlimited = { ...none, confirmedCap: null, uncountedCap: null }

  it('grants no units to a channel while another one is uncovered, except to one without a cap', () => {
    const { balances, known } = build({ ...given, channels: [bounded, unlimited, unlimited] })
    const [first, second, third] = known as [KnownChannel, KnownChannel, KnownChannel]
    expect(freeFor(balances, first, [second, third], 0)).toBe(0)
    expect(freeFor(balances, second, [first, third], 0)).toBe(20)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocated, brokenRule, emptyBalances, sold, type Balances } from './account.js'
import { PLATFORMS, type Platform } from './channel.js'
import { exposure } from './exposure.js'
import { followLegs, freeUnits, isUncovered, type KnownChannel } from './follow.js'
import { applyLegs } from './move.js'
import { nextWrite } from './next-write.js'

const count = fc.nat(20)
const channelState = fc.record({
  allocated: count,
  sold: count,
  confirmedCap: fc.option(fc.nat(45), { freq: 8 }),
  unsettledCap: fc.option(fc.nat(45), { freq: 2 }),
  pending: fc.nat(3),
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

describe('followLegs', () => {
  it('never makes units, covers what free units reach, and has nothing left to do afterwards', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { balances, known } = build(given)
        const borrowed = given.borrowed
        const legs = followLegs(balances, known, given.unmet, borrowed)
        const applied = applyLegs(balances, legs)
        if (!applied) throw new Error('a leg found too little')
        const after = applied.balances
        expect(brokenRule(after)).toBeNull()
        const owed = -after.OVERSOLD
        expect(owed).toBeLessThanOrEqual(given.oversold)
        if (owed > 0) expect([freeUnits(after), after.SAFETY, after['ALLOCATED:DIRECT']]).toEqual([0, 0, 0])
        const returned = legs.filter(({ to }) => to === 'SAFETY').reduce((sum, { quantity }) => sum + quantity, 0)
        expect(returned).toBeLessThanOrEqual(borrowed)
        for (const channel of known) {
          if (exposure(channel) === Infinity) continue
          if (isUncovered(after, channel)) expect(freeUnits(after)).toBe(0)
        }
        expect(followLegs(after, known, given.unmet, borrowed - returned)).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  it('pays what is oversold with all that no platform can sell, and with what one lets go of', () => {
    const nothing = { allocated: 0, sold: 0, confirmedCap: 0, unsettledCap: null, pending: 0 }
    const letsGo = { allocated: 6, sold: 4, confirmedCap: 6, unsettledCap: null, pending: 0 }
    const given = { unallocated: 1, inTransit: 1, safety: 2, direct: 1, oversold: 8, unmet: 5, borrowed: 2 }
    const { balances, known } = build({ ...given, channels: [letsGo, nothing, nothing] })
    expect(applyLegs(balances, followLegs(balances, known, 5, 2))?.balances).toMatchObject({
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
        { allocated: 3, sold: 7, confirmedCap: 8, unsettledCap: null, pending: 0 },
        { allocated: 0, sold: 0, confirmedCap: 0, unsettledCap: null, pending: 0 },
        { allocated: 0, sold: 0, confirmedCap: 0, unsettledCap: null, pending: 0 },
      ],
    })
    expect(applyLegs(balances, followLegs(balances, known, 5, 1))?.balances).toMatchObject({
      SAFETY: 10,
      IN_TRANSIT: 1,
      'ALLOCATED:MEETUP': 1,
    })
  })
})

describe('nextWrite', () => {
  it('never lets exposure pass what is allocated and free', () => {
    const wish = fc.record({
      desiredCap: fc.option(fc.nat(60), { freq: 9 }),
      mode: fc.boolean(),
      open: fc.boolean(),
      free: count,
    })
    fc.assert(
      fc.property(channelState, wish, (state, { desiredCap, mode, open, free }) => {
        const known = { ...state, platform: 'LUMA' as const }
        const covered = exposure(known) <= state.sold + state.allocated
        const write = nextWrite(
          {
            ...known,
            desiredCap,
            desiredMode: mode ? 'OPEN' : 'WAITLIST_ONLY',
            confirmedMode: open ? 'OPEN' : 'WAITLIST_ONLY',
          },
          free,
        )
        if (write.kind !== 'WRITE') return
        expect(write.cap).toBeGreaterThanOrEqual(1)
        expect(write.units).toBeLessThanOrEqual(free)
        if (write.cap > exposure(known) && covered) {
          expect(write.cap).toBeLessThanOrEqual(state.sold + state.allocated + write.units)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHANNELS } from './channel.js'
import { planMoves } from './rebalance-policy.js'
import { DEFAULT_SETTINGS, type ChannelView, type EventView, type Move } from './rebalance-view.js'

const ago = fc.option(fc.integer({ min: 0, max: 7_200_000 }), { nil: null })
const units = fc.integer({ min: 0, max: 300 })

const channelView = (channel: ChannelView['channel']): fc.Arbitrary<ChannelView> =>
  fc
    .record({
      sold: fc.oneof(units, fc.integer({ min: 0, max: 2 })),
      pending: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 })),
      minCap: fc.integer({ min: 1, max: 5 }),
      left: fc.oneof(fc.integer({ min: -5, max: 300 }), fc.integer({ min: 0, max: 6 })),
      drift: fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }) },
      ),
      known: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      velocityPerHour: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5_000, noNaN: true })),
      evidence: fc.double({ min: 0, max: 500, noNaN: true }),
      weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
      openedMsAgo: ago,
      readMsAgo: ago,
      open: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      settled: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      writableInMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60_000 })),
      gaveMsAgo: ago,
      gotMsAgo: ago,
      waitlistPromotes: fc.boolean(),
    })
    .map(({ left, drift, known, ...view }) => {
      const cap = Math.max(view.minCap, view.sold + view.pending + left)
      return { ...view, channel, cap, confirmedCap: known ? cap + drift : null }
    })

const eventView: fc.Arbitrary<EventView> = fc.record({
  unallocated: fc.integer({ min: -3, max: 200 }),
  softCapThreshold: fc.integer({ min: 1, max: 2_000 }),
  soldAndHeld: units,
  hoursToStart: fc.oneof(fc.double({ min: -1, max: 2_000, noNaN: true }), fc.constant(Infinity)),
  channels: fc.tuple(...CHANNELS.map(channelView)),
})

/** The caps after the moves, with the roles that the channels then have had. */
function carriedOut(view: EventView, moves: readonly Move[]): EventView {
  const sum = (of: (move: Move) => boolean) => moves.filter(of).reduce((total, { quantity }) => total + quantity, 0)
  const channels = view.channels.map((channel) => {
    const gave = sum(({ from }) => from === channel.channel)
    const got = sum(({ to }) => to === channel.channel)
    const fromOthers = sum(({ from, to }) => to === channel.channel && from !== 'UNALLOCATED')
    if (gave === 0 && got === 0) return channel
    const cap = channel.cap - gave + got
    return {
      ...channel,
      cap,
      confirmedCap: cap,
      gaveMsAgo: gave > 0 ? 0 : channel.gaveMsAgo,
      gotMsAgo: fromOthers > 0 ? 0 : channel.gotMsAgo,
    }
  })
  return { ...view, channels, unallocated: view.unallocated - sum(({ from }) => from === 'UNALLOCATED') }
}

const capSum = ({ channels, unallocated }: EventView) =>
  channels.reduce((sum, { cap }) => sum + cap, Math.max(0, unallocated))

const holds = (rule: (view: EventView, moves: Move[]) => void) =>
  fc.assert(
    fc.property(eventView, (view) => rule(view, planMoves(view))),
    { numRuns: 2_000 },
  )

describe('a plan never', { timeout: 30_000 }, () => {
  it('takes what is sold, pending or the smallest cap', () => {
    holds((view, moves) => {
      for (const { channel, cap } of carriedOut(view, moves).channels) {
        const before = view.channels.find((one) => one.channel === channel)
        if (before && cap < before.cap)
          expect(cap).toBeGreaterThanOrEqual(Math.max(before.sold + before.pending, before.minCap))
      }
    })
  })

  it('gives out more than was there, or something other than whole units', () => {
    holds((view, moves) => {
      for (const { quantity } of moves) expect(Number.isInteger(quantity) && quantity > 0).toBe(true)
      const after = carriedOut(view, moves)
      expect(capSum(after)).toBe(capSum(view))
      expect(after.unallocated).toBeGreaterThanOrEqual(Math.min(0, view.unallocated))
    })
  })

  it('touches a channel that is closed, unsettled, unconfirmed or out of budget', () => {
    holds((view, moves) => {
      const alone = view.channels.filter(
        ({ open, settled, channel, cap, confirmedCap, writableInMs }) =>
          !open ||
          !settled ||
          (channel !== 'DIRECT' && confirmedCap !== cap) ||
          writableInMs > DEFAULT_SETTINGS.patienceMs,
      )
      for (const { channel } of alone) for (const { from, to } of moves) expect([from, to]).not.toContain(channel)
    })
  })

  it('takes anything from a channel that was not read since it opened, or more than half of what one had left', () => {
    holds((view, moves) => {
      for (const { channel, readMsAgo, openedMsAgo, cap, sold, pending } of view.channels) {
        const gave = moves.filter(({ from }) => from === channel).reduce((sum, { quantity }) => sum + quantity, 0)
        const read = readMsAgo !== null && readMsAgo < (openedMsAgo ?? Infinity)
        expect(gave).toBeLessThanOrEqual(read ? Math.max(1, (cap - sold - pending) / 2) : 0)
      }
    })
  })

  it('moves anything at the soft cap or after the start', () => {
    holds((view, moves) => {
      if (view.soldAndHeld >= view.softCapThreshold || view.hoursToStart <= 0) expect(moves).toEqual([])
    })
  })

  it('lets a channel give and get, or turn a fresh move around', () => {
    holds((view, moves) => {
      const donors = new Set(moves.map(({ from }) => from))
      for (const { to } of moves) expect(donors.has(to)).toBe(false)
      const next = planMoves(carriedOut(view, moves)).filter(({ from }) => from !== 'UNALLOCATED')
      const receivers = new Set(moves.filter(({ from }) => from !== 'UNALLOCATED').map(({ to }) => to))
      for (const { from, to } of next) expect(receivers.has(from as Move['to']) || donors.has(to)).toBe(false)
    })
  })

  it('depends on anything but the view, or changes it', () => {
    holds((view, moves) => {
      const before = JSON.stringify(view)
      expect(planMoves(view)).toEqual(moves)
      expect(JSON.stringify(view)).toBe(before)
    })
  })

  it('goes on for ever without news', () => {
    const calm = { ...DEFAULT_SETTINGS, coolDownMs: 0, coolDownSales: 0 }
    fc.assert(
      fc.property(eventView, (view) => {
        let now = view
        for (let round = 0; round < 60; round++) {
          const moves = planMoves(now, calm)
          if (moves.length === 0) return
          now = carriedOut(now, moves)
        }
        throw new Error('still moving after 60 rounds')
      }),
      { numRuns: 500 },
    )
  })
})

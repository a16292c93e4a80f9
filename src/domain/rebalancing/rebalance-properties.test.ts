import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHANNELS } from '../channel.js'
import { capAfter } from './rebalance-fit.js'
import { planMoves } from './rebalance-policy.js'
import { demandTail, quantileOf } from './ticket-demand.js'
import { DEFAULT_SETTINGS, type ChannelView, type EventView, type Move } from './rebalance-view.js'

/** Rounds until nothing is moved any more. */
const MAX_ROUNDS = 6
const elapsedMs = fc.option(fc.integer({ min: 0, max: 7_200_000 }), { nil: null })
const units = fc.integer({ min: 0, max: 300 })

const channelView = (platform: ChannelView['platform']): fc.Arbitrary<ChannelView> =>
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
      msSinceOpened: elapsedMs,
      msSinceRead: elapsedMs,
      open: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      confirmed: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      writableInMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60_000 })),
      msSinceDonated: elapsedMs,
      msSinceReceived: elapsedMs,
      donates: fc.boolean(),
      waitlistPromotes: fc.boolean(),
      maxUnits: fc.option(fc.integer({ min: 0, max: 400 }), { nil: null, freq: 3 }),
      correctionMs: fc.integer({ min: 0, max: 90_000 }),
    })
    .map(({ left, drift, known, ...view }) => {
      const cap = Math.max(view.minCap, view.sold + view.pending + left)
      return { ...view, id: platform, platform, cap, confirmedCap: known ? cap + drift : null }
    })

const eventView: fc.Arbitrary<EventView> = fc.record({
  unallocated: fc.integer({ min: -3, max: 200 }),
  softCapThreshold: fc.integer({ min: 1, max: 2_000 }),
  soldAndHeld: units,
  hoursToStart: fc.oneof(fc.double({ min: -1, max: 2_000, noNaN: true }), fc.constant(Infinity)),
  channels: fc.tuple(...CHANNELS.map(channelView)),
})

/** The view after the moves, with the donor and receiver times updated. */
function applied(view: EventView, moves: readonly Move[]): EventView {
  const sum = (of: (move: Move) => boolean) => moves.filter(of).reduce((total, { quantity }) => total + quantity, 0)
  const channels = view.channels.map((channel) => {
    const donated = sum(({ from }) => from === channel.id)
    const received = sum(({ to }) => to === channel.id)
    const fromOthers = sum(({ from, to }) => to === channel.id && from !== 'UNALLOCATED')
    if (donated === 0 && received === 0) return channel
    const cap = capAfter(channel, moves)
    return {
      ...channel,
      cap,
      confirmedCap: cap,
      msSinceDonated: donated > 0 ? 0 : channel.msSinceDonated,
      msSinceReceived: fromOthers > 0 ? 0 : channel.msSinceReceived,
    }
  })
  return { ...view, channels, unallocated: view.unallocated - sum(({ from }) => from === 'UNALLOCATED') }
}

/** Seats taken above a cap have units as well. */
const unitSum = ({ channels, unallocated }: EventView) =>
  channels.reduce((sum, { cap, sold, pending }) => sum + Math.max(cap, sold + pending), Math.max(0, unallocated))

const checkProperty = (rule: (view: EventView, moves: Move[]) => void) =>
  fc.assert(
    fc.property(eventView, (view) => rule(view, planMoves(view))),
    { numRuns: 2_000 },
  )

describe('planMoves (properties)', { timeout: 30_000 }, () => {
  it('never lowers a cap below sold plus pending or the minimum cap', () => {
    checkProperty((view, moves) => {
      for (const { id, cap } of applied(view, moves).channels) {
        const before = view.channels.find((one) => one.id === id)
        if (before && cap < before.cap)
          expect(cap).toBeGreaterThanOrEqual(Math.max(before.sold + before.pending, before.minCap))
      }
    })
  })

  it('never moves more units than exist, and moves whole units only', () => {
    checkProperty((view, moves) => {
      for (const { quantity } of moves) expect(Number.isInteger(quantity) && quantity > 0).toBe(true)
      const after = applied(view, moves)
      expect(unitSum(after)).toBe(unitSum(view))
      expect(after.unallocated).toBeGreaterThanOrEqual(Math.min(0, view.unallocated))
    })
  })

  it('never changes a channel that is closed, unconfirmed or out of budget', () => {
    checkProperty((view, moves) => {
      const excluded = view.channels.filter(
        ({ open, confirmed, id, cap, confirmedCap, writableInMs }) =>
          !open ||
          !confirmed ||
          (id !== 'DIRECT' && confirmedCap !== cap) ||
          writableInMs > DEFAULT_SETTINGS.maxBudgetWaitMs,
      )
      for (const { id } of excluded) for (const { from, to } of moves) expect([from, to]).not.toContain(id)
    })
  })

  it('never takes units from a channel that was not read since it opened, nor those it is likely to sell', () => {
    checkProperty((view, moves) => {
      for (const { id, msSinceRead, msSinceOpened, cap, sold, pending, ...demand } of view.channels) {
        const donated = moves.filter(({ from }) => from === id).reduce((sum, { quantity }) => sum + quantity, 0)
        const read = msSinceRead !== null && msSinceRead < (msSinceOpened ?? Infinity)
        const { velocityPerHour: perHour, evidence, correctionMs } = demand
        const tail = demandTail({ perHour, evidence }, correctionMs / 3_600_000)
        const likely = quantileOf(tail, DEFAULT_SETTINGS.lowRisk)
        expect(donated).toBeLessThanOrEqual(read ? Math.max(0, cap - sold - pending - likely) : 0)
      }
    })
  })

  it('never takes units from a channel while the reserve could supply another one', () => {
    checkProperty((view, moves) => {
      if (moves.every(({ from }) => from === 'UNALLOCATED')) return
      const writable = view.channels.every(({ writableInMs }) => writableInMs === 0)
      if (writable) expect(applied(view, moves).unallocated).toBeLessThanOrEqual(0)
    })
  })

  it("never raises a cap above the organizer's limit", () => {
    checkProperty((view, moves) => {
      for (const { id, cap, maxUnits } of applied(view, moves).channels) {
        const before = view.channels.find((one) => one.id === id)?.cap ?? 0
        expect(cap).toBeLessThanOrEqual(Math.max(before, maxUnits ?? Infinity))
      }
    })
  })

  it('never moves units at the soft cap or after the start', () => {
    checkProperty((view, moves) => {
      if (view.soldAndHeld >= view.softCapThreshold || view.hoursToStart <= 0) expect(moves).toEqual([])
    })
  })

  it('never uses a channel as both donor and receiver, nor reverses a recent move', () => {
    checkProperty((view, moves) => {
      const donors = new Set(moves.map(({ from }) => from))
      for (const { to } of moves) expect(donors.has(to)).toBe(false)
      const next = planMoves(applied(view, moves)).filter(({ from }) => from !== 'UNALLOCATED')
      const receivers = new Set(moves.filter(({ from }) => from !== 'UNALLOCATED').map(({ to }) => to))
      for (const { from, to } of next) expect(receivers.has(from) || donors.has(to)).toBe(false)
    })
  })

  it('is deterministic and does not mutate the view', () => {
    checkProperty((view, moves) => {
      const before = JSON.stringify(view)
      expect(planMoves(view)).toEqual(moves)
      expect(JSON.stringify(view)).toBe(before)
    })
  })

  it('converges within a few rounds when nothing else changes, and never returns to an earlier allocation', () => {
    const noCoolDown = { ...DEFAULT_SETTINGS, coolDownMs: 0 }
    const allocationOf = ({ channels }: EventView) => channels.map(({ cap }) => cap).join()
    fc.assert(
      fc.property(eventView, (view) => {
        let now = view
        const seen = new Set([allocationOf(view)])
        for (let round = 0; round < MAX_ROUNDS; round++) {
          const moves = planMoves(now, noCoolDown)
          if (moves.length === 0) return
          now = applied(now, moves)
          expect(seen).not.toContain(allocationOf(now))
          seen.add(allocationOf(now))
        }
        throw new Error('no convergence')
      }),
      { numRuns: 500 },
    )
  })
})

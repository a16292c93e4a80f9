import { describe, expect, it } from 'vitest'
import { planMoves, donorsToRead } from './rebalance-policy.js'
import type { ChannelView, EventView } from './rebalance-view.js'

const channel = (view: Partial<ChannelView> & Pick<ChannelView, 'platform' | 'cap'>): ChannelView => ({
  id: view.platform,
  confirmedCap: view.cap,
  sold: 0,
  pending: 0,
  velocityPerHour: 0,
  evidence: 20,
  weight: 1,
  msSinceOpened: 7_200_000,
  msSinceRead: 1_000,
  open: true,
  confirmed: true,
  writableInMs: 0,
  minCap: 1,
  msSinceDonated: null,
  msSinceReceived: null,
  waitlistPromotes: false,
  ...view,
})

const event = (channels: ChannelView[], view: Partial<EventView> = {}): EventView => ({
  unallocated: 0,
  softCapThreshold: 1_000,
  soldAndHeld: 0,
  hoursToStart: 500,
  channels,
  ...view,
})

const SLOW = { platform: 'MEETUP', cap: 40, sold: 2, velocityPerHour: 0.2 } as const
const FAST = { platform: 'LUMA', cap: 40, sold: 37, velocityPerHour: 6.1 } as const
const slow = channel(SLOW)
const fast = channel(FAST)

describe('planMoves and donorsToRead', () => {
  it('moves up to half of the units of a donor from a slow to a fast channel, with a reason', () => {
    expect(planMoves(event([slow, fast]))).toEqual([
      {
        from: 'MEETUP',
        to: 'LUMA',
        quantity: 19,
        reason: 'Meetup -19 -> Luma +19: 0.2/h against 6.1/h, 38 left against 3',
      },
    ])
  })

  it('assigns free units first, and moves no more than is missing', () => {
    const moves = planMoves(event([channel({ ...SLOW, cap: 6 }), fast], { unallocated: 60 }))
    expect(moves).toEqual([
      { from: 'UNALLOCATED', to: 'LUMA', quantity: 60, reason: 'Unallocated -60 -> Luma +60: 6.1/h, 3 left' },
    ])
  })

  it('balances only with free units before the first sale', () => {
    const none = (platform: ChannelView['platform'], cap: number) => channel({ platform, cap })
    const moves = planMoves(event([none('MEETUP', 10), none('EVENTBRITE', 2), none('LUMA', 30)], { unallocated: 8 }))
    expect(moves.map(({ from, to, quantity }) => [from, to, quantity])).toEqual([['UNALLOCATED', 'EVENTBRITE', 8]])
  })

  it('moves a small reserve to an empty channel, but no more until it sells', () => {
    const full = channel({ platform: 'MEETUP', cap: 60 })
    const empty = channel({ platform: 'LUMA', cap: 5, sold: 5 })
    expect(planMoves(event([full, empty])).map(({ to, quantity }) => [to, quantity])).toEqual([['LUMA', 3]])
  })

  it('leaves a slow channel a reserve for its next buyers', () => {
    let meetup = slow
    let luma = fast
    for (let round = 0; round < 20; round++) {
      const moved = planMoves(event([meetup, luma])).reduce((sum, { quantity }) => sum + quantity, 0)
      meetup = channel({ ...SLOW, cap: meetup.cap - moved })
      luma = channel({ ...FAST, cap: luma.cap + moved })
    }
    expect(meetup.cap - meetup.sold).toBeGreaterThanOrEqual(3)
    expect(meetup.cap - meetup.sold).toBeLessThanOrEqual(12)
  })

  it('moves the last units to the channel with proven demand', () => {
    const last = channel({ ...SLOW, cap: 4 })
    const dry = channel({ ...FAST, cap: 37 })
    expect(planMoves(event([last, dry])).map(({ to, quantity }) => [to, quantity])).toEqual([['LUMA', 1]])
  })

  it('moves nothing between balanced channels', () => {
    const balanced = { cap: 50, sold: 20, velocityPerHour: 3 }
    const near = { cap: 54, sold: 20, velocityPerHour: 3.1 }
    expect(
      planMoves(event([channel({ platform: 'MEETUP', ...balanced }), channel({ platform: 'LUMA', ...near })])),
    ).toEqual([])
  })

  it('moves no units that cannot be sold before the event starts', () => {
    const enough = channel({ platform: 'LUMA', cap: 40, sold: 20, velocityPerHour: 5 })
    expect(planMoves(event([slow, enough], { hoursToStart: 1 }))).toEqual([])
    expect(planMoves(event([slow, enough], { hoursToStart: 40 }))).toHaveLength(1)
  })

  it('plans no moves at the soft cap or after the event has started', () => {
    expect(planMoves(event([slow, fast], { soldAndHeld: 900, softCapThreshold: 900 }))).toEqual([])
    expect(planMoves(event([slow, fast], { hoursToStart: 0 }))).toEqual([])
  })

  it.each<[string, Partial<ChannelView>, Partial<ChannelView>]>([
    ['a closed receiver', {}, { open: false }],
    ['a donor with a write in flight', { confirmed: false }, {}],
    ['a donor whose cap is not the confirmed one', { confirmedCap: 60 }, {}],
    ['a receiver with an unknown cap', {}, { confirmedCap: null }],
    ['a donor that has just received units', { msSinceReceived: 5_000 }, {}],
    ['a donor that was never read', { msSinceRead: null }, {}],
    ['a donor that was not read since it opened', { msSinceOpened: 5_000, msSinceRead: 5_000 }, {}],
    ['a receiver that has just donated units', {}, { msSinceDonated: 5_000 }],
    ['a donor that must wait too long for its budget', { writableInMs: 60_000 }, {}],
  ])('does not change %s', (_, donor, receiver) => {
    expect(planMoves(event([channel({ ...SLOW, ...donor }), channel({ ...FAST, ...receiver })]))).toEqual([])
  })

  it('defers small moves until the budget allows them, unless the receiver is about to sell out', () => {
    const short = channel({ platform: 'LUMA', cap: 46, sold: 40, velocityPerHour: 6 })
    const level = channel({ platform: 'MEETUP', cap: 50, sold: 40, velocityPerHour: 6, writableInMs: 2_000 })
    expect(planMoves(event([channel({ ...level, writableInMs: 0 }), short]))).toHaveLength(1)
    expect(planMoves(event([level, short]))).toEqual([])
    expect(planMoves(event([level, channel({ ...short, sold: 46 })]))).toHaveLength(1)
  })

  it('uses no second donor for units of a shrink in flight, until that has timed out', () => {
    const donor = channel({ platform: 'EVENTBRITE', cap: 10, sold: 2, velocityPerHour: 0.2 })
    const shrinking = (msSinceDonated: number) =>
      channel({ ...SLOW, cap: 2, confirmedCap: 40, confirmed: false, msSinceDonated })
    const quantity = (view: ChannelView) => planMoves(event([view, donor, fast]))[0]?.quantity ?? 0
    expect(quantity(shrinking(2_000))).toBe(0)
    expect(quantity(shrinking(90_000))).toBeGreaterThan(0)
  })

  it('doubles the cool-down of a donor whose raises sell to its waitlist', () => {
    const donor = (waitlistPromotes: boolean) => channel({ ...SLOW, msSinceReceived: 2_400_000, waitlistPromotes })
    expect(planMoves(event([donor(false), fast]))).toHaveLength(1)
    expect(planMoves(event([donor(true), fast]))).toEqual([])
  })

  it('uses a short cool-down for a sold-out receiver when the donor lasts far longer', () => {
    const empty = channel({ ...FAST, sold: 40 })
    const rich = (msSinceReceived: number) =>
      channel({ platform: 'MEETUP', cap: 90, sold: 5, velocityPerHour: 5, msSinceReceived })
    expect(planMoves(event([rich(9_000), empty]))).toEqual([])
    expect(planMoves(event([rich(11_000), empty]))).toHaveLength(1)
    expect(planMoves(event([rich(11_000), channel({ ...FAST, cap: 60 })]))).toEqual([])
  })

  it('limits the donations of a donor to half of its units per round, over all receivers', () => {
    const full = channel({ platform: 'MEETUP', cap: 90, velocityPerHour: 1 })
    const dry = (platform: ChannelView['platform']) => channel({ platform, cap: 90, sold: 90, velocityPerHour: 60 })
    const moves = planMoves(event([full, dry('LUMA'), dry('EVENTBRITE'), dry('DIRECT')]))
    expect(moves.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(45)
  })

  it('leaves a donor the units it is likely to sell before a correction', () => {
    const dry = channel({ platform: 'LUMA', cap: 90, sold: 90, velocityPerHour: 3_600 })
    const left = (evidence: number) => {
      const donor = channel({ platform: 'MEETUP', cap: 60, sold: 10, velocityPerHour: 2_400, evidence })
      return 50 - planMoves(event([donor, dry])).reduce((sum, { quantity }) => sum + quantity, 0)
    }
    // 20 in half a minute on average; up to 40 with little evidence.
    expect(left(6)).toBe(35)
    expect(left(1_000)).toBeLessThan(31)
  })

  it('splits free units by weight before the first sale', () => {
    const none = (platform: ChannelView['platform'], weight: number) => channel({ platform, cap: 0, weight, minCap: 0 })
    const moves = planMoves(event([none('MEETUP', 1), none('LUMA', 3)], { unallocated: 40 }))
    expect(moves.map(({ to, quantity }) => [to, quantity])).toEqual([
      ['MEETUP', 10],
      ['LUMA', 30],
    ])
  })

  it('requests a read of stale donors when another channel is about to sell out', () => {
    const stale = channel({ ...SLOW, msSinceRead: 60_000 })
    const dry = channel({ ...FAST, sold: 40, msSinceRead: 60_000 })
    expect(donorsToRead(event([stale, dry]))).toEqual(['MEETUP'])
    expect(donorsToRead(event([channel({ ...stale, msSinceRead: null }), dry]))).toEqual(['MEETUP'])
    expect(donorsToRead(event([slow, dry]))).toEqual([])
    expect(donorsToRead(event([stale, channel({ ...FAST, cap: 60, msSinceRead: 60_000 })]))).toEqual([])
    expect(donorsToRead(event([stale, dry], { hoursToStart: 0 }))).toEqual([])
  })

  it('treats direct sales as a channel without a confirmed cap', () => {
    const direct = channel({ platform: 'DIRECT', cap: 40, confirmedCap: null, velocityPerHour: 0.2 })
    expect(planMoves(event([direct, fast]))[0]).toMatchObject({ from: 'DIRECT', to: 'LUMA' })
  })
})

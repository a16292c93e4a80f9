import { describe, expect, it } from 'vitest'
import { lastMoves } from './last-moves.js'
import { planMoves, donorsToRead } from './rebalance-policy.js'
import { UNALLOCATED, type ChannelView, type EventView } from './rebalance-view.js'

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
  maxUnits: null,
  correctionMs: 5_000,
  msSinceDonated: null,
  msSinceReceived: null,
  donates: true,
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

const quantities = (view: EventView) => planMoves(view).map(({ from, to, quantity }) => [from, to, quantity])

describe('planMoves', () => {
  it('refills a channel from the reserve up to its share, with a reason', () => {
    expect(planMoves(event([channel({ ...SLOW, cap: 6 }), fast], { unallocated: 60 }))).toEqual([
      {
        from: 'UNALLOCATED',
        to: 'LUMA',
        quantity: 34,
        reason: 'Unallocated -34 -> Luma +34: 6.1/h, 3 left',
      },
    ])
  })

  it('leaves the reserve alone while every channel has enough until its next correction', () => {
    const calm = channel({ platform: 'MEETUP', cap: 20, sold: 5, velocityPerHour: 3 })
    const busy = channel({ platform: 'LUMA', cap: 20, sold: 5, velocityPerHour: 6 })
    expect(quantities(event([calm, busy], { unallocated: 300 }))).toEqual([])
  })

  it('gives a channel more the longer its corrections take', () => {
    const view = { cap: 9, sold: 2, velocityPerHour: 600 } as const
    const quick = channel({ platform: 'LUMA', ...view })
    const late = channel({ platform: 'MEETUP', ...view, correctionMs: 60_000 })
    const moves = quantities(event([quick, late], { unallocated: 400 }))
    expect(moves.map(([, to]) => to)).toEqual(['MEETUP'])
  })

  it('hands out the whole pool where demand is quick relative to the correction time', () => {
    const rush = (platform: ChannelView['platform']) =>
      channel({ platform, cap: 40, sold: 35, velocityPerHour: 20_000, correctionMs: 20_000 })
    const moves = planMoves(event([rush('MEETUP'), rush('LUMA')], { unallocated: 100 }))
    expect(moves.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(100)
  })

  it('moves units between channels once the reserve is empty, with a reason', () => {
    expect(planMoves(event([slow, fast]))).toEqual([
      {
        from: 'MEETUP',
        to: 'LUMA',
        quantity: 19,
        reason: 'Meetup -19 -> Luma +19: 0.2/h against 6.1/h, 38 left against 3',
      },
    ])
  })

  it('splits by weight before the first sale, and keeps a reserve', () => {
    const none = (platform: ChannelView['platform'], weight: number) => channel({ platform, cap: 0, weight, minCap: 0 })
    expect(quantities(event([none('MEETUP', 1), none('LUMA', 3)], { unallocated: 100 }))).toEqual([
      ['UNALLOCATED', 'MEETUP', 22],
      ['UNALLOCATED', 'LUMA', 46],
    ])
  })

  it('moves the last units to where they are most likely to be sold next', () => {
    const dry = channel({ ...FAST, cap: 37 })
    expect(quantities(event([channel({ ...SLOW, cap: 7 }), dry]))).toEqual([['MEETUP', 'LUMA', 4]])
    expect(quantities(event([channel({ ...SLOW, cap: 4 }), dry]))).toEqual([['MEETUP', 'LUMA', 2]])
  })

  it('gives a dry channel a unit so that its demand can be seen, while there are enough', () => {
    const busy = (left: number) => channel({ platform: 'LUMA', cap: 30 + left, sold: 30, velocityPerHour: 40 })
    const dry = channel({ platform: 'EVENTBRITE', cap: 5, sold: 5, velocityPerHour: 0.01 })
    expect(quantities(event([busy(5), dry]))).toEqual([['LUMA', 'EVENTBRITE', 1]])
    expect(quantities(event([busy(3), dry]))).toEqual([])
  })

  it('undoes a move only once the other channel is clearly more likely to sell the units', () => {
    const donated = { msSinceDonated: 120_000, msSinceReceived: 240_000 }
    const received = { msSinceDonated: 240_000, msSinceReceived: 120_000 }
    const direct = (left: number, velocityPerHour: number, moved: Partial<ChannelView>) =>
      channel({ platform: 'DIRECT', cap: 6 + left, sold: 6, velocityPerHour, minCap: 0, ...moved })
    const eventbrite = (left: number, velocityPerHour: number, moved: Partial<ChannelView>) =>
      channel({ platform: 'EVENTBRITE', cap: 9 + left, sold: 9, velocityPerHour, correctionMs: 66_500, ...moved })
    expect(quantities(event([eventbrite(3, 31.1, received), direct(0, 21.4, donated)]))).toEqual([])
    expect(quantities(event([eventbrite(2, 30.6, donated), direct(1, 20.9, received)]))).toEqual([])
    const [back, forth] = [
      event([eventbrite(3, 31.1, received), direct(0, 40, donated)]),
      event([eventbrite(2, 60, donated), direct(1, 20.9, received)]),
    ]
    expect(quantities(back)).toEqual([['EVENTBRITE', 'DIRECT', 1]])
    expect(quantities(forth)).toEqual([['DIRECT', 'EVENTBRITE', 1]])
  })

  it('leaves units on the channel that took them back, at nearly equal rates', () => {
    const now = 120_000
    const { donated, received } = lastMoves([
      { from: 'EVENTBRITE', to: 'DIRECT', quantity: 2, plannedAt: new Date(0) },
      { from: UNALLOCATED, to: 'EVENTBRITE', quantity: 2, plannedAt: new Date(15_000) },
    ])
    const since = (at: Date | undefined) => (at ? now - at.getTime() : null)
    const left = (platform: ChannelView['platform'], units: number, view: Partial<ChannelView>) =>
      channel({
        platform,
        cap: 3 + units,
        sold: 3,
        msSinceDonated: since(donated.get(platform)),
        msSinceReceived: since(received.get(platform)),
        ...view,
      })
    const direct = { velocityPerHour: 1.75, evidence: 6, minCap: 0, correctionMs: 1_000 }
    const eventbrite = { velocityPerHour: 1.7, evidence: 6, correctionMs: 66_500 }
    const meetup = left('MEETUP', 4, { velocityPerHour: 2.6, evidence: 9, correctionMs: 23_000 })
    expect(quantities(event([meetup, left('EVENTBRITE', 4, eventbrite), left('DIRECT', 2, direct)]))).toEqual([])
  })

  it('moves nothing between balanced channels', () => {
    const balanced = { cap: 50, sold: 20, velocityPerHour: 3 }
    const near = { cap: 54, sold: 20, velocityPerHour: 3.1 }
    expect(
      planMoves(event([channel({ platform: 'MEETUP', ...balanced }), channel({ platform: 'LUMA', ...near })])),
    ).toEqual([])
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
    ["a receiver at the organizer's limit", {}, { maxUnits: 40 }],
  ])('does not change %s', (_, donor, receiver) => {
    expect(planMoves(event([channel({ ...SLOW, ...donor }), channel({ ...FAST, ...receiver })]))).toEqual([])
  })

  it("fills a channel no further than the organizer's limit", () => {
    const limited = channel({ ...FAST, sold: 39, maxUnits: 44 })
    expect(quantities(event([channel({ ...SLOW, cap: 6 }), limited], { unallocated: 60 }))).toEqual([
      ['UNALLOCATED', 'LUMA', 4],
    ])
  })

  it('defers small moves until the budget allows them, unless the receiver is about to sell out', () => {
    const donor = channel({ platform: 'MEETUP', cap: 50, sold: 45, velocityPerHour: 6, writableInMs: 2_000 })
    const short = (left: number, velocityPerHour = 60) =>
      channel({ platform: 'LUMA', cap: 40 + left, sold: 40, velocityPerHour })
    expect(quantities(event([{ ...donor, writableInMs: 0 }, short(2)]))).toHaveLength(1)
    expect(quantities(event([donor, short(2)]))).toEqual([])
    expect(quantities(event([donor, short(0)]))).toHaveLength(1)
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
    const donor = (waitlistPromotes: boolean) => channel({ ...SLOW, msSinceReceived: 15_000, waitlistPromotes })
    expect(planMoves(event([donor(false), fast]))).toHaveLength(1)
    expect(planMoves(event([donor(true), fast]))).toEqual([])
  })

  it('takes no units from a listing that a person would have to lower', () => {
    const donor = (donates: boolean) => channel({ ...SLOW, donates })
    expect(planMoves(event([donor(true), fast]))).toHaveLength(1)
    expect(planMoves(event([donor(false), fast]))).toEqual([])
  })

  it('leaves a donor the units it is likely to sell before a correction', () => {
    const dry = channel({ platform: 'LUMA', cap: 90, sold: 90, velocityPerHour: 3_600 })
    const left = (velocityPerHour: number) => {
      const donor = channel({ platform: 'MEETUP', cap: 60, sold: 10, velocityPerHour, correctionMs: 23_000 })
      return 50 - planMoves(event([donor, dry])).reduce((sum, { quantity }) => sum + quantity, 0)
    }
    // 15 in 23 s on average.
    expect(left(2_400)).toBeGreaterThanOrEqual(18)
    expect(left(240)).toBeLessThan(12)
  })

  it('treats direct sales as a channel without a confirmed cap', () => {
    const direct = channel({ platform: 'DIRECT', cap: 40, confirmedCap: null, velocityPerHour: 0.2 })
    expect(planMoves(event([direct, fast]))[0]).toMatchObject({ from: 'DIRECT', to: 'LUMA' })
  })
})

describe('donorsToRead', () => {
  const stale = channel({ ...SLOW, msSinceRead: 60_000 })
  const dry = channel({ ...FAST, sold: 40, msSinceRead: 60_000 })

  it('requests a read of stale donors when another channel is about to sell out', () => {
    expect(donorsToRead(event([stale, dry]))).toEqual(['MEETUP'])
    expect(donorsToRead(event([channel({ ...stale, msSinceRead: null }), dry]))).toEqual(['MEETUP'])
    expect(donorsToRead(event([slow, dry]))).toEqual([])
    expect(donorsToRead(event([stale, channel({ ...FAST, cap: 60, msSinceRead: 60_000 })]))).toEqual([])
    expect(donorsToRead(event([stale, dry], { hoursToStart: 0 }))).toEqual([])
  })

  it('requests none while the reserve is sufficient', () => {
    expect(donorsToRead(event([stale, dry], { unallocated: 80 }))).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { planMoves, donorsToRead } from './rebalance-policy.js'
import type { ChannelView, EventView } from './rebalance-view.js'

const channel = (view: Partial<ChannelView> & Pick<ChannelView, 'channel' | 'cap'>): ChannelView => ({
  confirmedCap: view.cap,
  sold: 0,
  pending: 0,
  velocityPerHour: 0,
  evidence: 20,
  weight: 1,
  openedMsAgo: 7_200_000,
  readMsAgo: 1_000,
  open: true,
  settled: true,
  writableInMs: 0,
  minCap: 1,
  gaveMsAgo: null,
  gotMsAgo: null,
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

const SLOW = { channel: 'MEETUP', cap: 40, sold: 2, velocityPerHour: 0.2 } as const
const FAST = { channel: 'LUMA', cap: 40, sold: 37, velocityPerHour: 6.1 } as const
const slow = channel(SLOW)
const fast = channel(FAST)

describe('rebalancing', () => {
  it('moves from the slow to the fast, half of what the donor has at a time, and says why', () => {
    expect(planMoves(event([slow, fast]))).toEqual([
      {
        from: 'MEETUP',
        to: 'LUMA',
        quantity: 19,
        reason: 'Meetup -19 -> Luma +19: 0.2/h against 6.1/h, 38 left against 3',
      },
    ])
  })

  it('gives out free units first, and takes no more than is missing', () => {
    const moves = planMoves(event([channel({ ...SLOW, cap: 6 }), fast], { unallocated: 60 }))
    expect(moves).toEqual([
      { from: 'UNALLOCATED', to: 'LUMA', quantity: 60, reason: 'Unallocated -60 -> Luma +60: 6.1/h, 3 left' },
    ])
  })

  it('levels with free units while nothing is sold, and moves none', () => {
    const none = (name: ChannelView['channel'], cap: number) => channel({ channel: name, cap })
    const moves = planMoves(event([none('MEETUP', 10), none('EVENTBRITE', 2), none('LUMA', 30)], { unallocated: 8 }))
    expect(moves.map(({ from, to, quantity }) => [from, to, quantity])).toEqual([['UNALLOCATED', 'EVENTBRITE', 8]])
  })

  it('gives an empty channel some units for its next buyers, but no more while it sells nothing', () => {
    const full = channel({ channel: 'MEETUP', cap: 60 })
    const empty = channel({ channel: 'LUMA', cap: 5, sold: 5 })
    expect(planMoves(event([full, empty])).map(({ to, quantity }) => [to, quantity])).toEqual([['LUMA', 3]])
  })

  it('keeps some units for the next buyers of a slow channel', () => {
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

  it('lets the last units go where the demand is proven', () => {
    const last = channel({ ...SLOW, cap: 4 })
    const dry = channel({ ...FAST, cap: 37 })
    expect(planMoves(event([last, dry])).map(({ to, quantity }) => [to, quantity])).toEqual([['LUMA', 1]])
  })

  it('leaves well balanced channels alone', () => {
    const same = { cap: 50, sold: 20, velocityPerHour: 3 }
    const near = { cap: 54, sold: 20, velocityPerHour: 3.1 }
    expect(planMoves(event([channel({ channel: 'MEETUP', ...same }), channel({ channel: 'LUMA', ...near })]))).toEqual(
      [],
    )
  })

  it('moves nothing that will not be sold before the event starts', () => {
    const enough = channel({ channel: 'LUMA', cap: 40, sold: 20, velocityPerHour: 5 })
    expect(planMoves(event([slow, enough], { hoursToStart: 1 }))).toEqual([])
    expect(planMoves(event([slow, enough], { hoursToStart: 40 }))).toHaveLength(1)
  })

  it('stops at the soft cap and when the event starts', () => {
    expect(planMoves(event([slow, fast], { soldAndHeld: 900, softCapThreshold: 900 }))).toEqual([])
    expect(planMoves(event([slow, fast], { hoursToStart: 0 }))).toEqual([])
  })

  it.each<[string, Partial<ChannelView>, Partial<ChannelView>]>([
    ['a closed receiver', {}, { open: false }],
    ['a donor with a write in flight', { settled: false }, {}],
    ['a donor whose cap is not the confirmed one', { confirmedCap: 60 }, {}],
    ['a receiver whose cap nobody knows', {}, { confirmedCap: null }],
    ['a donor that just got units', { gotMsAgo: 5_000 }, {}],
    ['a donor that was never read', { readMsAgo: null }, {}],
    ['a donor that was not read since it opened', { openedMsAgo: 5_000, readMsAgo: 5_000 }, {}],
    ['a receiver that just gave units', {}, { gaveMsAgo: 5_000 }],
    ['a budget too far away', { writableInMs: 60_000 }, {}],
  ])('leaves alone %s', (_, donor, receiver) => {
    expect(planMoves(event([channel({ ...SLOW, ...donor }), channel({ ...FAST, ...receiver })]))).toEqual([])
  })

  it('lets small moves wait for the budget unless the receiver is about to run dry', () => {
    const short = channel({ channel: 'LUMA', cap: 46, sold: 40, velocityPerHour: 6 })
    const level = channel({ channel: 'MEETUP', cap: 50, sold: 40, velocityPerHour: 6, writableInMs: 2_000 })
    expect(planMoves(event([channel({ ...level, writableInMs: 0 }), short]))).toHaveLength(1)
    expect(planMoves(event([level, short]))).toEqual([])
    expect(planMoves(event([level, channel({ ...short, sold: 46 })]))).toHaveLength(1)
  })

  it('takes no second donor for what a shrink in flight will release, but does not wait for ever', () => {
    const donor = channel({ channel: 'EVENTBRITE', cap: 10, sold: 2, velocityPerHour: 0.2 })
    const shrinking = (gaveMsAgo: number) => channel({ ...SLOW, cap: 2, confirmedCap: 40, settled: false, gaveMsAgo })
    const quantity = (view: ChannelView) => planMoves(event([view, donor, fast]))[0]?.quantity ?? 0
    expect(quantity(shrinking(2_000))).toBe(0)
    expect(quantity(shrinking(90_000))).toBeGreaterThan(0)
  })

  it('takes twice as long to take units back where a raise sells to the waitlist', () => {
    const donor = (waitlistPromotes: boolean) => channel({ ...SLOW, gotMsAgo: 2_400_000, waitlistPromotes })
    expect(planMoves(event([donor(false), fast]))).toHaveLength(1)
    expect(planMoves(event([donor(true), fast]))).toEqual([])
  })

  it('rescues a channel that ran dry after a short cool-down, from one that lasts far longer', () => {
    const empty = channel({ ...FAST, sold: 40 })
    const rich = (gotMsAgo: number) => channel({ channel: 'MEETUP', cap: 90, sold: 5, velocityPerHour: 5, gotMsAgo })
    expect(planMoves(event([rich(9_000), empty]))).toEqual([])
    expect(planMoves(event([rich(11_000), empty]))).toHaveLength(1)
    expect(planMoves(event([rich(11_000), channel({ ...FAST, cap: 60 })]))).toEqual([])
  })

  it('has a donor give half of what it has left in one round, to however many receivers', () => {
    const full = channel({ channel: 'MEETUP', cap: 90, velocityPerHour: 1 })
    const dry = (name: ChannelView['channel']) => channel({ channel: name, cap: 90, sold: 90, velocityPerHour: 60 })
    const moves = planMoves(event([full, dry('LUMA'), dry('EVENTBRITE'), dry('DIRECT')]))
    expect(moves.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(45)
  })

  it('leaves a donor what it may well sell until it could be given units back', () => {
    const dry = channel({ channel: 'LUMA', cap: 90, sold: 90, velocityPerHour: 3_600 })
    const left = (evidence: number) => {
      const donor = channel({ channel: 'MEETUP', cap: 60, sold: 10, velocityPerHour: 2_400, evidence })
      return 50 - planMoves(event([donor, dry])).reduce((sum, { quantity }) => sum + quantity, 0)
    }
    // 20 in half a minute on average; as much as 40 where little is known.
    expect(left(6)).toBe(35)
    expect(left(1_000)).toBeLessThan(31)
  })

  it('spreads free units by weight while nothing is sold', () => {
    const none = (name: ChannelView['channel'], weight: number) => channel({ channel: name, cap: 0, weight, minCap: 0 })
    const moves = planMoves(event([none('MEETUP', 1), none('LUMA', 3)], { unallocated: 40 }))
    expect(moves.map(({ to, quantity }) => [to, quantity])).toEqual([
      ['MEETUP', 10],
      ['LUMA', 30],
    ])
  })

  it('asks for a read of what could give, when another channel is about to run dry and silence tells nothing', () => {
    const silent = channel({ ...SLOW, readMsAgo: 60_000 })
    const dry = channel({ ...FAST, sold: 40, readMsAgo: 60_000 })
    expect(donorsToRead(event([silent, dry]))).toEqual(['MEETUP'])
    expect(donorsToRead(event([channel({ ...silent, readMsAgo: null }), dry]))).toEqual(['MEETUP'])
    expect(donorsToRead(event([slow, dry]))).toEqual([])
    expect(donorsToRead(event([silent, channel({ ...FAST, cap: 60, readMsAgo: 60_000 })]))).toEqual([])
    expect(donorsToRead(event([silent, dry], { hoursToStart: 0 }))).toEqual([])
  })

  it('treats the direct sale as a channel that needs no confirmation', () => {
    const direct = channel({ channel: 'DIRECT', cap: 40, confirmedCap: null, velocityPerHour: 0.2 })
    expect(planMoves(event([direct, fast]))[0]).toMatchObject({ from: 'DIRECT', to: 'LUMA' })
  })
})

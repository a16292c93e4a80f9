import { describe, expect, it } from 'vitest'
import { stillFits, type ChannelNow } from './rebalance-fit.js'
import type { ChannelView, Move } from './rebalance-view.js'

const channel = (view: Partial<ChannelView> & Pick<ChannelView, 'channel'>): ChannelView => ({
  cap: 40,
  confirmedCap: 40,
  sold: 10,
  pending: 0,
  velocityPerHour: 1,
  evidence: 10,
  weight: 1,
  openedMsAgo: 60_000,
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
const planned = [channel({ channel: 'MEETUP' }), channel({ channel: 'LUMA' }), channel({ channel: 'EVENTBRITE' })]
const move: Move = { from: 'MEETUP', to: 'LUMA', quantity: 20, reason: '' }
const with_ = (change: Partial<ChannelNow> & Pick<ChannelNow, 'channel'>) =>
  planned.map((one) => (one.channel === change.channel ? { ...one, ...change } : one))

describe('a plan fits', () => {
  it('while nothing changed, or only what leaves it possible', () => {
    expect(stillFits([move], planned, planned, 0)).toBe(true)
    expect(stillFits([move], planned, with_({ channel: 'MEETUP', sold: 20 }), 0)).toBe(true)
    expect(stillFits([move], planned, with_({ channel: 'EVENTBRITE', cap: 3 }), 0)).toBe(true)
  })

  it.each<[string, Partial<ChannelNow> & Pick<ChannelNow, 'channel'>]>([
    ['the donor sold what it was to give', { channel: 'MEETUP', sold: 21 }],
    ['the donor has carts for it', { channel: 'MEETUP', pending: 11 }],
    ['another cap is wanted of the donor', { channel: 'MEETUP', cap: 30 }],
    ['another cap is wanted of the receiver', { channel: 'LUMA', cap: 41 }],
    ['another cap was confirmed', { channel: 'LUMA', confirmedCap: 39 }],
    ['the receiver was closed', { channel: 'LUMA', open: false }],
    ['a write to the donor is in flight', { channel: 'MEETUP', settled: false }],
  ])('no more when %s', (_, change) => {
    expect(stillFits([move], planned, with_(change), 0)).toBe(false)
  })

  it('only while as many units are free as it gives out', () => {
    const free: Move = { from: 'UNALLOCATED', to: 'LUMA', quantity: 5, reason: '' }
    expect(stillFits([free], planned, planned, 5)).toBe(true)
    expect(stillFits([free, { ...free, to: 'EVENTBRITE', quantity: 1 }], planned, planned, 5)).toBe(false)
  })
})

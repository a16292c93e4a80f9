import { describe, expect, it } from 'vitest'
import { capAfter, stillFits, type CurrentChannel } from './rebalance-fit.js'
import type { ChannelView, Move } from './rebalance-view.js'

const channel = (view: Partial<ChannelView> & Pick<ChannelView, 'platform'>): ChannelView => ({
  id: view.platform,
  cap: 40,
  confirmedCap: 40,
  sold: 10,
  pending: 0,
  velocityPerHour: 1,
  evidence: 10,
  weight: 1,
  msSinceOpened: 60_000,
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
const planned = [channel({ platform: 'MEETUP' }), channel({ platform: 'LUMA' }), channel({ platform: 'EVENTBRITE' })]
const move: Move = { from: 'MEETUP', to: 'LUMA', quantity: 20, reason: '' }
const withChange = (change: Partial<CurrentChannel> & Pick<CurrentChannel, 'platform'>) =>
  planned.map((one) => (one.platform === change.platform ? { ...one, ...change } : one))

describe('stillFits', () => {
  it('accepts a plan when nothing relevant changed', () => {
    expect(stillFits([move], planned, planned, 0)).toBe(true)
    expect(stillFits([move], planned, withChange({ platform: 'MEETUP', sold: 20 }), 0)).toBe(true)
    expect(stillFits([move], planned, withChange({ platform: 'EVENTBRITE', cap: 3 }), 0)).toBe(true)
  })

  it.each<[string, Partial<CurrentChannel> & Pick<CurrentChannel, 'platform'>]>([
    ['the donor has sold units that it was to donate', { platform: 'MEETUP', sold: 21 }],
    ['the donor has them in open carts', { platform: 'MEETUP', pending: 11 }],
    ['the desired cap of the donor changed', { platform: 'MEETUP', cap: 30 }],
    ['the desired cap of the receiver changed', { platform: 'LUMA', cap: 41 }],
    ['the confirmed cap of the receiver changed', { platform: 'LUMA', confirmedCap: 39 }],
    ['the receiver was closed', { platform: 'LUMA', open: false }],
    ['a write to the donor is in flight', { platform: 'MEETUP', confirmed: false }],
  ])('rejects a plan when %s', (_, change) => {
    expect(stillFits([move], planned, withChange(change), 0)).toBe(false)
  })

  it('accepts a plan only if there are enough unallocated units', () => {
    const free: Move = { from: 'UNALLOCATED', to: 'LUMA', quantity: 5, reason: '' }
    expect(stillFits([free], planned, planned, 5)).toBe(true)
    expect(stillFits([free, { ...free, to: 'EVENTBRITE', quantity: 1 }], planned, planned, 5)).toBe(false)
  })
})

describe('capAfter', () => {
  const luma = channel({ platform: 'LUMA', cap: 40, sold: 10, pending: 2 })

  it('adds what a channel receives and takes what it donates', () => {
    expect(capAfter(luma, [move])).toBe(60)
    expect(capAfter(luma, [{ ...move, from: 'LUMA', to: 'MEETUP' }])).toBe(20)
    expect(capAfter(luma, [{ ...move, to: 'EVENTBRITE' }])).toBe(40)
  })

  it('adds to the seats taken where these exceed the cap, so that what it receives can be sold', () => {
    expect(capAfter({ ...luma, cap: 4 }, [move])).toBe(32)
    expect(capAfter({ ...luma, cap: 4 }, [{ ...move, to: 'EVENTBRITE' }])).toBe(4)
  })
})

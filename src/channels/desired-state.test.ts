import { describe, expect, it } from 'vitest'
import { emptyBalances } from '../domain/stock/ledger-account.js'
import type { Channel } from '../domain/channel-record.js'
import type { ChannelMode } from '../domain/channel.js'
import type { Event } from '../domain/event-record.js'
import type { Clock } from '../infrastructure/time/clock.js'
import { SystemClock } from '../infrastructure/time/system-time.js'
import type { LockedEvent } from '../stock/ledger.js'
import type { ChannelStore } from './channel-store.js'
import { DesiredState } from './desired-state.js'

/** Capacity 100 without safety stock, half of it for direct sales; 40 units are free. */
const event = { targetCapacity: 100, safetyStockRatio: 0, withheldUnits: 0, directWeight: 1 } as Event
const channel = (fields: Partial<Channel>) =>
  ({
    id: 'chn_1',
    platform: 'LUMA',
    weight: 1,
    pausedSince: null,
    pendingTickets: 0,
    raisedAt: null,
    uncountedSince: null,
    platformSold: null,
    ...fields,
  }) as Channel
const locked = {
  balances: { ...emptyBalances(), CAPACITY: -100, UNALLOCATED: 40, 'ALLOCATED:chn_1': 60 },
} as unknown as LockedEvent
/** A direct share changes no channel. */
const channels = {} as ChannelStore
const postings = (confirmedCap: number | null) =>
  new DesiredState(channels, new SystemClock()).directShare(locked, event, [channel({ confirmedCap })], null).postings

describe('DesiredState.directShare', () => {
  it('allocates the free units of its share', () => {
    expect(postings(60)).toEqual([{ quantity: 40, sources: ['UNALLOCATED'], destination: 'ALLOCATED:DIRECT' }])
  })

  it.each([
    ['has no known cap', null],
    ['can sell more than its allocation', 61],
  ])('allocates none while a platform %s: it may sell them itself', (_, confirmedCap) => {
    expect(postings(confirmedCap)).toEqual([])
  })
})

describe('DesiredState.setDesired', () => {
  const now = new Date('2026-10-01T12:00:00Z')
  /** What the store is given for a listing with cap 6, of which the platform counted 6 as sold; 4 were cancelled since. */
  const updates = async (sold: number, desired: { cap: number; mode: ChannelMode }, fields: Partial<Channel> = {}) => {
    const given: unknown[] = []
    const store = {
      setDesired: async () => {},
      update: async (_transaction: unknown, _id: string, change: unknown) => given.push(change),
    } as unknown as ChannelStore
    const balances = { ...emptyBalances(), CAPACITY: -6, 'SOLD:chn_1': sold, 'ALLOCATED:chn_1': 6 - sold }
    const tx = { transaction: {}, balances, prove: () => {} } as unknown as LockedEvent
    const caps = { confirmedCap: 6, desiredCap: 6, platformSold: 6, recountAt: null } as const
    const row = channel({ ...caps, desiredMode: 'OPEN', confirmedMode: 'OPEN', ...fields })
    await new DesiredState(store, { now: () => now } as Clock).setDesired(tx, row, desired)
    return given
  }

  it.each(['OPEN', 'WAITLIST_ONLY'] as const)(
    'counts again when the last count prevents the new state (%s)',
    async (mode) => {
      expect(await updates(2, { cap: 3, mode })).toEqual([{ recountAt: now, recounts: 0 }])
    },
  )

  it('does not count when the count is not above the recorded sales, or does not prevent the state', async () => {
    expect(await updates(6, { cap: 3, mode: 'OPEN' })).toEqual([])
    expect(await updates(2, { cap: 8, mode: 'OPEN' })).toEqual([])
    expect(await updates(2, { cap: 3, mode: 'OPEN' }, { platformSold: null })).toEqual([])
  })

  it('leaves a count that is scheduled', async () => {
    expect(await updates(2, { cap: 3, mode: 'OPEN' }, { recountAt: new Date(now.getTime() + 20_000) })).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { emptyBalances } from '../domain/stock/ledger-account.js'
import type { Channel } from '../domain/channel-record.js'
import type { Event } from '../domain/event-record.js'
import { SystemClock } from '../infrastructure/time/system-time.js'
import type { LockedEvent } from '../stock/ledger.js'
import type { ChannelStore } from './channel-store.js'
import { DesiredState } from './desired-state.js'

/** Capacity 100 without safety stock, half of it for direct sales; 40 units are free. */
const event = { targetCapacity: 100, safetyStockRatio: 0, directWeight: 1 } as Event
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

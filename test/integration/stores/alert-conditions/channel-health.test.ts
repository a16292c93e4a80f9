import { describe, expect, it } from 'vitest'
import type { LiveChannelFilter } from '../../../../src/alert-conditions/channel-health.js'
import { LIVE_AFTER_CLOSE_MS } from '../../../../src/domain/events/event-state.js'
import type { ChannelSweep } from '../../../../src/inbound/polling/sweep-store.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'
import { environmentConnectionId } from '../../../../src/domain/connection-record.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const DAY_MS = 86_400_000

describeStores('The health of channels', (bench) => {
  const addEvent = async (change: Parameters<typeof eventRow>[0] = {}) => {
    const event = eventRow(change)
    await bench.insert('events', event)
    return event
  }
  const addChannel = async (eventId: string, change: Parameters<typeof channelRow>[1] = {}) => {
    const channel = channelRow(eventId, change)
    await bench.insert('channels', channel)
    return channel
  }
  const sweepRow = (channelId: string, change: Partial<ChannelSweep> = {}): ChannelSweep => ({
    channelId,
    nextPollAt: null,
    nextSweepAt: NOW,
    pauseMs: 1_000,
    missedWebhookAt: null,
    pollMs: null,
    readRequestedAt: null,
    readFailure: null,
    readFailedAt: null,
    ...change,
  })
  /** Ids of the live channels of one event. */
  const liveOf = async (event: { id: string }, filter: LiveChannelFilter = {}) => {
    const found = await bench.stores.channelHealth.live(NOW, filter)
    return found.filter(({ eventId }) => eventId === event.id).map(({ id }) => id)
  }

  describe('lists live channels', () => {
    it('with their event and schedule, in the order of their ids', async () => {
      const event = await addEvent()
      const [first, second] = [await addChannel(event.id), await addChannel(event.id, { platform: 'LUMA' })]
      const sweep = sweepRow(second.id, { readFailure: 'FORBIDDEN', readFailedAt: NOW })
      await bench.insert('sweeps', sweep)
      const found = await bench.stores.channelHealth.live(NOW, {})
      expect(found.filter(({ eventId }) => eventId === event.id)).toEqual([
        { ...first, event: { ...event, updatedAt: expect.any(Date) }, sweep: null },
        { ...second, event: { ...event, updatedAt: expect.any(Date) }, sweep },
      ])
    })

    it('without detached ones and those of events that are over', async () => {
      const ended = await addEvent({ startsAt: new Date(NOW.getTime() - 30 * DAY_MS) })
      const closed = await addEvent({ closedSince: new Date(NOW.getTime() - LIVE_AFTER_CLOSE_MS) })
      const closing = await addEvent({ closedSince: new Date(NOW.getTime() - LIVE_AFTER_CLOSE_MS + 1) })
      for (const event of [ended, closed]) await addChannel(event.id)
      const { id } = await addChannel(closing.id)
      await addChannel(closing.id, { detachedAt: NOW })
      expect(await liveOf(ended)).toEqual([])
      expect(await liveOf(closed)).toEqual([])
      expect(await liveOf(closing)).toEqual([id])
    })

    it('by import and listing state', async () => {
      const event = await addEvent()
      const waiting = await addChannel(event.id, { importedAt: null, listingState: 'ENDED' })
      const imported = await addChannel(event.id, { listingState: 'CANCELLED' })
      expect(await liveOf(event, { imported: true })).toEqual([imported.id])
      expect(await liveOf(event, { imported: false })).toEqual([waiting.id])
      expect(await liveOf(event, { listingStates: ['CANCELLED', 'POSTPONED'] })).toEqual([imported.id])
      expect(await liveOf(event, { listingStates: ['CANCELLED', 'ENDED'] })).toEqual([waiting.id, imported.id])
      expect(await liveOf(event, { listingStates: ['CANCELLED'], imported: false })).toEqual([])
      expect(await liveOf(event, { listingStates: [] })).toEqual([])
    })

    it('whose sync or read has failed', async () => {
      const event = await addEvent()
      const failed = [await addChannel(event.id, { syncError: 'write: REJECTED' }), await addChannel(event.id)]
      await bench.insert('sweeps', sweepRow(failed[1]?.id ?? '', { readFailure: 'GONE', readFailedAt: NOW }))
      const healthy = await addChannel(event.id)
      await bench.insert('sweeps', sweepRow(healthy.id))
      await addChannel(event.id)
      expect(await liveOf(event, { failed: true })).toEqual(failed.map(({ id }) => id))
    })

    it('that are not confirmed as closed', async () => {
      const event = await addEvent()
      const open = await addChannel(event.id, { confirmedMode: 'OPEN' })
      const unknown = await addChannel(event.id, { confirmedMode: 'UNKNOWN' })
      const rewritten = await addChannel(event.id, { confirmedMode: 'WAITLIST_ONLY', unconfirmedMode: 'OPEN' })
      await addChannel(event.id, { confirmedMode: 'WAITLIST_ONLY' })
      expect(await liveOf(event, { notClosed: true })).toEqual([open.id, unknown.id, rewritten.id])
    })
  })

  it('lists the connections of live channels', async () => {
    await bench.change('channels', {}, { detachedAt: NOW })
    const event = await addEvent()
    for (const platform of ['LUMA', 'LUMA', 'MEETUP'] as const) await addChannel(event.id, { platform })
    await addChannel(event.id, { platform: 'EVENTBRITE', detachedAt: NOW })
    const found = await bench.stores.channelHealth.liveConnections(NOW)
    expect(found.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: environmentConnectionId('LUMA'), platform: 'LUMA' },
      { id: environmentConnectionId('MEETUP'), platform: 'MEETUP' },
    ])
  })

  it('lists where a channel cannot be synchronized, even a detached one of a past event', async () => {
    const event = await addEvent({ startsAt: new Date(NOW.getTime() - 30 * DAY_MS) })
    await addChannel(event.id, { platform: 'LUMA', syncError: 'write: REJECTED', detachedAt: NOW })
    await addChannel(event.id, { platform: 'MEETUP' })
    const found = await bench.stores.channelHealth.notSynchronized()
    expect(found.filter(({ eventId }) => eventId === event.id)).toEqual([{ eventId: event.id, platform: 'LUMA' }])
  })

  it('lists where a channel that should be open has not confirmed its desired cap', async () => {
    const cap = { desiredCap: 10, confirmedCap: 10, desiredMode: 'OPEN' } as const
    const places = async (change: Parameters<typeof channelRow>[1]) => {
      const event = await addEvent()
      await addChannel(event.id, { platform: 'LUMA', ...cap, ...change })
      const found = await bench.stores.channelHealth.withoutDesiredCap(NOW)
      return found.filter(({ eventId }) => eventId === event.id).map(({ platform }) => platform)
    }
    expect(await places({})).toEqual([])
    expect(await places({ confirmedCap: 9 })).toEqual(['LUMA'])
    expect(await places({ confirmedCap: null })).toEqual(['LUMA'])
    expect(await places({ desiredCap: null })).toEqual(['LUMA'])
    expect(await places({ desiredCap: null, confirmedCap: null })).toEqual([])
    expect(await places({ unconfirmedCap: 12 })).toEqual(['LUMA'])
    expect(await places({ confirmedCap: 9, desiredMode: 'WAITLIST_ONLY' })).toEqual([])
    expect(await places({ confirmedCap: 9, detachedAt: NOW })).toEqual([])
  })
})

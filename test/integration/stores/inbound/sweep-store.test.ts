import { API_PLATFORMS } from '../../../../src/domain/channel.js'
import { expect, it } from 'vitest'
import { emptyBalances } from '../../../../src/domain/stock/ledger-account.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { ChannelSweep } from '../../../../src/inbound/polling/sweep-store.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'
import { environmentConnectionId } from '../../../../src/domain/connection-record.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000)
const MANY = 1_000

describeStores('The sweep store', (bench) => {
  const addEvent = async (change: Parameters<typeof eventRow>[0] = {}) => {
    const event = eventRow(change)
    await bench.insert('events', event)
    return event
  }
  /** A channel that is next swept in an hour and not polled, unless `sweep` changes that; null: without a schedule. */
  const addChannel = async (
    eventId: string,
    sweep: Partial<ChannelSweep> | null = {},
    change: Parameters<typeof channelRow>[1] = {},
  ) => {
    const channel = channelRow(eventId, change)
    await bench.insert('channels', channel)
    if (sweep === null) return channel.id
    await bench.insert('sweeps', {
      channelId: channel.id,
      nextPollAt: null,
      nextSweepAt: minutes(60),
      pauseMs: 3_600_000,
      missedWebhookAt: null,
      pollMs: null,
      readRequestedAt: null,
      readFailure: null,
      readFailedAt: null,
      ...sweep,
    })
    return channel.id
  }
  const sweepOf = async (channelId: string) => (await bench.rows('sweeps', { channelId }))[0]
  const own = (ids: string[], found: { id: string }[]) =>
    new Set(found.map(({ id }) => id).filter((id) => ids.includes(id)))

  it('finds a channel with its schedule, its event and the balances', async () => {
    const event = await addEvent()
    await bench.insert('ledgers', { eventId: event.id, epoch: 0 })
    const { ledger } = bench.stores
    const units = [
      { account: 'CAPACITY', units: -30 },
      { account: 'UNALLOCATED', units: 30 },
    ] as const
    await ledger.locked(event.id, (transaction) => ledger.writeBalances(transaction, event.id, units))
    const id = await addChannel(event.id, { pauseMs: 5 })
    const found = await bench.stores.sweeps.find(id)
    expect(found).toMatchObject({ id, eventId: event.id, sweep: { channelId: id, pauseMs: 5, nextPollAt: null } })
    expect(found?.event).toMatchObject({ id: event.id, softCapRatio: event.softCapRatio, closedSince: null })
    expect(found?.balances).toEqual({ ...emptyBalances(), CAPACITY: -30, UNALLOCATED: 30 })
  })

  it('finds a channel without a schedule and an event without a ledger, and no unknown channel', async () => {
    const id = await addChannel((await addEvent()).id, null)
    expect(await bench.stores.sweeps.find(id)).toMatchObject({ id, sweep: null, balances: null })
    expect(await bench.stores.sweeps.find(newId('chn'))).toBeNull()
  })

  it('lists channels with a due poll or sweep, or without a schedule', async () => {
    const { id: eventId } = await addEvent()
    const due = [
      await addChannel(eventId, null),
      await addChannel(eventId, { nextSweepAt: NOW }),
      await addChannel(eventId, { nextPollAt: NOW }),
    ]
    const others = [
      await addChannel(eventId, { nextSweepAt: minutes(1), nextPollAt: minutes(1) }),
      await addChannel(eventId),
    ]
    const found = await bench.stores.sweeps.due(NOW, API_PLATFORMS, MANY)
    expect(own([...due, ...others], found)).toEqual(new Set(due))
    expect(await bench.stores.sweeps.due(NOW, API_PLATFORMS, 2)).toHaveLength(2)
  })

  it('lists no channel that is not imported, detached, or of an event that is not live', async () => {
    const { id: eventId } = await addEvent()
    const closed = await addEvent({ closedSince: minutes(-3 * 24 * 60) })
    const recentlyClosed = await addEvent({ closedSince: minutes(-1) })
    const unread = [
      await addChannel(eventId, null, { importedAt: null }),
      await addChannel(eventId, null, { detachedAt: NOW }),
      await addChannel(closed.id, null),
      await addChannel((await addEvent({ startsAt: minutes(-4 * 24 * 60) })).id, null),
    ]
    const read = await addChannel(recentlyClosed.id, null)
    expect(own([...unread, read], await bench.stores.sweeps.due(NOW, API_PLATFORMS, MANY))).toEqual(new Set([read]))
    expect(own(unread, await bench.stores.sweeps.withFuturePoll(NOW, ['EVENTBRITE'], MANY))).toEqual(new Set())
  })

  it('lists scheduled channels of the given platforms without a due poll', async () => {
    const { id: eventId } = await addEvent()
    const meetup = { platform: 'MEETUP' } as const
    const later = [
      await addChannel(eventId, { nextPollAt: minutes(1) }, meetup),
      await addChannel(eventId, { nextPollAt: null }, meetup),
    ]
    const others = [
      await addChannel(eventId, { nextPollAt: NOW }, meetup),
      await addChannel(eventId, null, meetup),
      await addChannel(eventId, { nextPollAt: minutes(1) }, { platform: 'LUMA' }),
    ]
    const { sweeps } = bench.stores
    expect(own([...later, ...others], await sweeps.withFuturePoll(NOW, ['MEETUP'], MANY))).toEqual(new Set(later))
    expect(await sweeps.withFuturePoll(NOW, ['MEETUP'], 1)).toHaveLength(1)
    expect(await sweeps.withFuturePoll(NOW, [], MANY)).toEqual([])
  })

  it('schedules a channel, and changes only what a later plan names', async () => {
    const { id: eventId } = await addEvent()
    const [id, other] = [await addChannel(eventId, null), await addChannel(eventId)]
    await bench.stores.sweeps.plan(id, { nextSweepAt: minutes(5), pauseMs: 300_000, nextPollAt: minutes(1), pollMs: 7 })
    const planned = { nextSweepAt: minutes(5), pauseMs: 300_000, nextPollAt: minutes(1), pollMs: 7 }
    expect(await sweepOf(id)).toMatchObject({ ...planned, readRequestedAt: null, missedWebhookAt: null })
    await bench.stores.sweeps.plan(id, { nextSweepAt: minutes(9), pauseMs: 1, readRequestedAt: NOW })
    const replanned = { ...planned, nextSweepAt: minutes(9), pauseMs: 1, readRequestedAt: NOW }
    expect(await sweepOf(id)).toMatchObject(replanned)
    expect(await sweepOf(other)).toMatchObject({ nextSweepAt: minutes(60), nextPollAt: null })
  })

  it('changes the schedule of one channel, and none where there is none', async () => {
    const { id: eventId } = await addEvent()
    const [id, other, unplanned] = [
      await addChannel(eventId, { nextPollAt: NOW, pollMs: 5 }),
      await addChannel(eventId),
      await addChannel(eventId, null),
    ]
    const { sweeps } = bench.stores
    await sweeps.update(id, { nextPollAt: null, pollMs: null })
    await sweeps.update(id, { readFailure: 'UNAVAILABLE', readFailedAt: NOW, missedWebhookAt: minutes(-1) })
    const changed = { nextPollAt: null, pollMs: null, readFailure: 'UNAVAILABLE', readFailedAt: NOW }
    expect(await sweepOf(id)).toMatchObject({ ...changed, missedWebhookAt: minutes(-1), nextSweepAt: minutes(60) })
    expect(await sweepOf(other)).toMatchObject({ readFailure: null })
    await sweeps.update(unplanned, { readFailure: 'UNAVAILABLE' })
    expect(await sweepOf(unplanned)).toBeUndefined()
  })

  it('postpones a sweep and never advances it', async () => {
    const { id: eventId } = await addEvent()
    const [id, other] = [await addChannel(eventId), await addChannel(eventId)]
    await bench.stores.sweeps.postponeSweep(id, minutes(90))
    expect(await sweepOf(id)).toMatchObject({ nextSweepAt: minutes(90) })
    await bench.stores.sweeps.postponeSweep(id, minutes(30))
    expect(await sweepOf(id)).toMatchObject({ nextSweepAt: minutes(90) })
    expect(await sweepOf(other)).toMatchObject({ nextSweepAt: minutes(60) })
  })

  it('moves a poll only if it is still scheduled for the expected time', async () => {
    const { id: eventId } = await addEvent()
    const [polled, unpolled] = [await addChannel(eventId, { nextPollAt: minutes(9) }), await addChannel(eventId)]
    const { sweeps } = bench.stores
    await sweeps.movePoll(polled, minutes(8), { nextPollAt: minutes(1), pollMs: 1 })
    await sweeps.movePoll(polled, null, { nextPollAt: minutes(1), pollMs: 1 })
    await sweeps.movePoll(unpolled, minutes(9), { nextPollAt: minutes(1), pollMs: 1 })
    expect(await sweepOf(polled)).toMatchObject({ nextPollAt: minutes(9), pollMs: null })
    expect(await sweepOf(unpolled)).toMatchObject({ nextPollAt: null, pollMs: null })
    await sweeps.movePoll(polled, minutes(9), { nextPollAt: null, pollMs: null })
    await sweeps.movePoll(unpolled, null, { nextPollAt: minutes(2), pollMs: 3 })
    expect(await sweepOf(polled)).toMatchObject({ nextPollAt: null })
    expect(await sweepOf(unpolled)).toMatchObject({ nextPollAt: minutes(2), pollMs: 3 })
  })

  it('makes the sweeps of all scheduled channels of one connection due', async () => {
    const { id: eventId } = await addEvent()
    const luma = { platform: 'LUMA' } as const
    const [id, unplanned] = [await addChannel(eventId, {}, luma), await addChannel(eventId, null, luma)]
    const detached = await addChannel(eventId, {}, { ...luma, detachedAt: NOW })
    const other = await addChannel(eventId)
    await bench.stores.sweeps.sweepAll(environmentConnectionId('LUMA'), NOW)
    expect(await sweepOf(id)).toMatchObject({ nextSweepAt: NOW })
    expect(await sweepOf(detached)).toMatchObject({ nextSweepAt: NOW })
    expect(await sweepOf(unplanned)).toBeUndefined()
    expect(await sweepOf(other)).toMatchObject({ nextSweepAt: minutes(60) })
  })
})

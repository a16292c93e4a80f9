import { expect, it } from 'vitest'
import { ChannelUnknown } from '../../../src/channels/channel-store.js'
import type { Channel } from '../../../src/domain/channel-record.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { channelRow, describeStores, eventRow } from '../../support/fixtures/store-bench.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

const LUMA = environmentConnectionId('LUMA')
const MEETUP = environmentConnectionId('MEETUP')
const DAY_MS = 86_400_000
const NOW = new Date('2026-11-20T12:00:00.000Z')
const after = (ms: number) => new Date(NOW.getTime() + ms)

describeStores('The channel store', (bench) => {
  const openEvent = async (change: Parameters<typeof eventRow>[0] = {}) => {
    const event = eventRow(change)
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    return event.id
  }
  const insert = async (eventId: string, change: Partial<Channel> = {}) => {
    const channel = channelRow(eventId, change)
    await bench.insert('channels', channel)
    return channel
  }
  const insertOne = async (change: Partial<Channel> = {}) => insert(await openEvent(), change)
  const row = async ({ id }: Pick<Channel, 'id'>) => bench.stores.channels.read(null, id)
  const rolledBack = async (eventId: string, work: Parameters<typeof bench.stores.ledger.locked<void>>[1]) => {
    const failing = bench.stores.ledger.locked(eventId, async (transaction, ledger) => {
      await work(transaction, ledger)
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
  }

  it('finds a channel with all of its columns', async () => {
    const json = { listingCursor: { page: 2, seen: [1, null] }, typeLimits: { vip: 10 } }
    const channel = await insertOne({ confirmedCap: 7, confirmedAt: NOW, syncError: 'read: GONE', ...json })
    const empty = await insertOne()
    const { channels } = bench.stores
    expect(await channels.find(null, channel.id)).toEqual(channel)
    expect(await channels.read(null, empty.id)).toEqual(empty)
    expect(await channels.find(null, 'chn_unknown')).toBeNull()
    await expect(channels.read(null, 'chn_unknown')).rejects.toThrow(ChannelUnknown)
  })

  it('creates channels with the defaults of the columns that are not given', async () => {
    const eventId = await openEvent()
    const [a, b] = [newId('chn'), newId('chn')]
    const listing = { platform: 'LUMA' as const, connectionId: LUMA, externalEventId: newId('ext') }
    const whole = { id: b, ...listing, weight: undefined }
    const part = { ...whole, id: a, externalTicketClassId: 'vip', weight: 0.5 }
    const { channels, transactions } = bench.stores
    const created = await transactions.run((transaction) => channels.create(transaction, eventId, [whole, part]))
    const defaults = { importedAt: null, createdAt: expect.any(Date) as Date }
    expect(created).toEqual([
      channelRow(eventId, { ...part, ...defaults }),
      channelRow(eventId, { ...whole, weight: 1, ...defaults }),
    ])
    expect(await channels.matching(null, { eventId })).toEqual(created)
    expect(await transactions.run((transaction) => channels.create(transaction, eventId, []))).toEqual([])
  })

  it('selects channels by every condition, in the order of their ids', async () => {
    const eventId = await openEvent()
    const listing = newId('ext')
    const full = { externalEventId: listing, importedAt: NOW, needsSweepSince: NOW }
    const b = await insert(eventId, { id: `chn_b-${eventId}`, ...full })
    const a = await insert(eventId, { id: `chn_a-${eventId}`, ...full, detachedAt: NOW })
    const c = await insert(await openEvent(), { externalEventId: listing, platform: 'LUMA', importedAt: null })
    const found = async (filter: Parameters<typeof bench.stores.channels.matching>[1]) =>
      (await bench.stores.channels.matching(null, { externalEventIds: [listing], ...filter })).map(({ id }) => id)
    expect(await found({})).toEqual([a.id, b.id, c.id].toSorted())
    expect(await found({ eventId })).toEqual([a.id, b.id])
    expect(await found({ platform: 'LUMA' })).toEqual([c.id])
    expect(await found({ connectionId: LUMA })).toEqual([c.id])
    expect(await found({ eventId, attached: true })).toEqual([b.id])
    expect(await found({ imported: true })).toEqual([a.id, b.id])
    expect(await found({ needsSweep: true, ids: [b.id, c.id] })).toEqual([b.id])
    expect(await found({ ids: [] })).toEqual([])
    expect(await found({ externalEventIds: [] })).toEqual([])
    expect(await found({ externalEventIds: ['another', listing], ids: [c.id, 'chn_unknown'] })).toEqual([c.id])
  })

  it('selects channels of open events', async () => {
    const closed = await insert(await openEvent({ closedSince: after(-DAY_MS) }))
    const open = await insert(await openEvent())
    const ended = await insert(await openEvent({ startsAt: after(-9 * DAY_MS) }))
    const ids = [closed.id, open.id, ended.id]
    const found = await bench.stores.channels.matching(null, { ids, openAt: NOW })
    expect(found.map(({ id }) => id)).toEqual([open.id])
  })

  it('changes the named columns only, of one channel', async () => {
    const channel = await insertOne({ confirmedCap: 7, listingCursor: { page: 1 } })
    const other = await insert(channel.eventId)
    const { channels } = bench.stores
    const change = { confirmedCap: null, capUnlimited: true, lastPullAt: NOW, confirmedMode: undefined }
    const changed = { ...channel, confirmedCap: null, capUnlimited: true, lastPullAt: NOW }
    expect(await channels.update(null, channel.id, change)).toEqual(changed)
    expect(await row(channel)).toEqual(changed)
    expect(await row(other)).toEqual(other)
    await expect(channels.update(null, 'chn_unknown', { confirmedCap: 1 })).rejects.toThrow(ChannelUnknown)
  })

  it('stores JSON, and its absence', async () => {
    const channel = await insertOne({ typeLimits: { vip: 10 } })
    const cursor = { since: '2026-11-20', page: undefined }
    const stored = { listingCursor: { since: '2026-11-20' }, typeLimits: null }
    await bench.stores.channels.update(null, channel.id, { listingCursor: cursor, typeLimits: null })
    expect(await row(channel)).toMatchObject(stored)
    await bench.stores.channels.updateIf(null, channel.id, {}, { listingCursor: null })
    expect((await row(channel)).listingCursor).toBeNull()
  })

  it('changes a row only with the expected values', async () => {
    const channel = await insertOne({ syncError: null, needsSweepSince: NOW })
    const { channels } = bench.stores
    const updateIf = (expected: Parameters<typeof channels.updateIf>[2], id = channel.id) =>
      channels.updateIf(null, id, expected, { lastFailure: 'changed' })
    expect(await updateIf({ syncError: 'read: GONE' })).toBe(false)
    expect(await updateIf({ syncError: null, needsSweepSince: after(1) })).toBe(false)
    expect(await updateIf({ syncError: null, needsSweepSince: null })).toBe(false)
    expect(await updateIf({}, 'chn_unknown')).toBe(false)
    expect(await updateIf({ id: 'chn_unknown' })).toBe(false)
    expect(await row(channel)).toEqual(channel)
    expect(await updateIf({ syncError: null, needsSweepSince: after(0), writeSeq: undefined })).toBe(true)
    expect(await row(channel)).toEqual({ ...channel, lastFailure: 'changed' })
  })

  it('changes all matching rows', async () => {
    const eventId = await openEvent()
    const [one, two] = [await insert(eventId), await insert(eventId, { detachedAt: NOW })]
    const other = await insertOne()
    const { channels } = bench.stores
    expect(await channels.updateMatching(null, { eventId }, { needsSweepSince: NOW })).toBe(2)
    const open = { attached: true, openAt: NOW } as const
    expect(await channels.updateMatching(null, { ...open, ids: [one.id, two.id] }, { lastWebhookAt: NOW })).toBe(1)
    expect(await channels.updateMatching(null, { ids: [] }, { needsSweepSince: null })).toBe(0)
    expect(await row(one)).toEqual({ ...one, needsSweepSince: NOW, lastWebhookAt: NOW })
    expect(await row(two)).toEqual({ ...two, needsSweepSince: NOW })
    expect(await row(other)).toEqual(other)
  })

  it('increments the version of the desired state', async () => {
    const channel = await insertOne({ desiredCap: 4, desiredVersion: 6 })
    const other = await insert(channel.eventId)
    const { ledger, channels } = bench.stores
    await ledger.locked(channel.eventId, async (transaction) => {
      await channels.setDesired(transaction, channel.id, { cap: 5, mode: 'OPEN' }, NOW)
      await channels.setDesired(transaction, channel.id, { cap: null, mode: 'WAITLIST_ONLY' }, after(1))
      const unknown = bench.stores.channels.setDesired(transaction, 'chn_unknown', { cap: 1, mode: 'OPEN' }, NOW)
      await expect(unknown).rejects.toThrow(ChannelUnknown)
    })
    const desired = { desiredCap: null, desiredMode: 'WAITLIST_ONLY', desiredVersion: 8, desiredAt: after(1) } as const
    expect(await row(channel)).toEqual({ ...channel, ...desired })
    expect(await row(other)).toEqual(other)
  })

  it('shows changes of a transaction to others when it commits, and none if it throws', async () => {
    const channel = await insertOne()
    const { ledger, channels } = bench.stores
    const { id, eventId } = channel
    await ledger.locked(eventId, async (transaction) => {
      await channels.update(transaction, id, { confirmedCap: 3 })
      expect(await channels.updateIf(transaction, id, { confirmedCap: 3 }, { recounts: 1 })).toBe(true)
      expect(await channels.updateIf(null, id, { confirmedCap: 3 }, { recounts: 9 })).toBe(false)
      expect(await channels.updateMatching(transaction, { eventId }, { weight: 2 })).toBe(1)
      expect(await channels.find(transaction, id)).toMatchObject({ confirmedCap: 3, recounts: 1, weight: 2 })
      expect(await channels.matching(transaction, { eventId })).toMatchObject([{ confirmedCap: 3 }])
      expect(await channels.find(null, id)).toEqual(channel)
    })
    const committed = { ...channel, confirmedCap: 3, recounts: 1, weight: 2 }
    expect(await row(channel)).toEqual(committed)
    await rolledBack(eventId, async (transaction) => {
      await channels.update(transaction, id, { confirmedCap: 4 })
      await channels.updateIf(transaction, id, {}, { recounts: 5 })
      await channels.updateMatching(transaction, { eventId }, { weight: 6 })
      await channels.setDesired(transaction, id, { cap: 7, mode: 'OPEN' }, NOW)
    })
    expect(await row(channel)).toEqual(committed)
  })

  it('records the latest webhook of one channel, and no earlier one', async () => {
    const [channel, other] = [await insertOne(), await insertOne()]
    const { channels } = bench.stores
    await channels.recordWebhook(channel.id, after(1))
    expect(await row(channel)).toEqual({ ...channel, lastWebhookAt: after(1) })
    await channels.recordWebhook(channel.id, NOW)
    expect(await row(channel)).toEqual({ ...channel, lastWebhookAt: after(1) })
    await channels.recordWebhook(channel.id, after(2))
    expect(await row(channel)).toEqual({ ...channel, lastWebhookAt: after(2) })
    await channels.recordWebhook('chn_unknown', NOW)
    expect(await row(other)).toEqual(other)
  })

  it('stamps a request of the newest write and of no other', async () => {
    const channel = await insertOne({ writeSeq: 4, desiredVersion: 7, confirmedVersion: 7, unconfirmedSince: NOW })
    const { channels } = bench.stores
    const write = { channelId: channel.id, seq: 4, desiredVersion: 7 }
    expect(await channels.stampSent({ ...write, seq: 3 }, after(1))).toBe(false)
    expect(await channels.stampSent({ ...write, desiredVersion: 6 }, after(1))).toBe(false)
    expect(await channels.stampSent({ ...write, channelId: 'chn_unknown' }, after(1))).toBe(false)
    expect(await row(channel)).toEqual(channel)
    expect(await channels.stampSent(write, after(1))).toBe(true)
    expect(await row(channel)).toEqual({ ...channel, unconfirmedSince: after(1) })
    await channels.update(null, channel.id, { confirmedVersion: 8 })
    expect(await channels.stampSent(write, after(2))).toBe(false)
  })

  it('counts the channels of open events that are not confirmed as closed, by connection', async () => {
    const before = await bench.stores.channels.countNotClosed(NOW)
    const eventId = await openEvent()
    await insert(eventId, { platform: 'LUMA', confirmedMode: 'OPEN' })
    await insert(eventId, { platform: 'LUMA', confirmedMode: 'UNKNOWN' })
    await insert(eventId, { platform: 'LUMA', confirmedMode: 'WAITLIST_ONLY' })
    await insert(eventId, { platform: 'LUMA', confirmedMode: 'OPEN', detachedAt: NOW })
    await insert(await openEvent({ closedSince: NOW }), { platform: 'LUMA', confirmedMode: 'OPEN' })
    await insert(eventId, { platform: 'MEETUP', confirmedMode: 'WAITLIST_ONLY' })
    const counts = await bench.stores.channels.countNotClosed(NOW)
    expect((counts.get(LUMA) ?? 0) - (before.get(LUMA) ?? 0)).toBe(2)
    expect(counts.has(MEETUP)).toBe(false)
  })

  it('knows when each connection last got a delivery, for any channel', async () => {
    const far = new Date('2099-01-01T00:00:00.000Z')
    await insertOne({ platform: 'LUMA', lastWebhookAt: NOW })
    await insertOne({ platform: 'LUMA', lastWebhookAt: far })
    await insertOne({ platform: 'LUMA' })
    await insertOne({ platform: 'EVENTBRITE', lastWebhookAt: far })
    await bench.change('channels', { platform: 'MEETUP' }, { lastWebhookAt: null })
    await insertOne({ platform: 'MEETUP' })
    const { channels } = bench.stores
    expect(await channels.lastDeliveries([LUMA, MEETUP], NOW)).toEqual(
      new Map([
        [LUMA, far],
        [MEETUP, null],
      ]),
    )
    expect(await channels.lastDeliveries([], NOW)).toEqual(new Map())
  })
})

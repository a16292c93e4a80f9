import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_CHANNELS } from '../channels/attachment.js'
import { NotFound, StateConflict } from '../domain/errors.js'
import { HOUR_MS, listing, openStaffBench, USER } from './staff-bench.test-support.js'

let bench: ReturnType<typeof openStaffBench>
beforeEach(() => {
  bench = openStaffBench()
})

describe('Commands of staff on the listings of an event on sale', () => {
  const eventbrite = { platform: 'EVENTBRITE', externalEventId: '7' } as const
  const kinds = async (eventId: string) => (await bench.proofOf(eventId)).map(({ kind }) => kind)
  const stateOf = async (eventId: string, id: string) =>
    (await bench.rowOf(eventId)).channels.find((channel) => channel.id === id)
  const importAll = async (eventId: string) => {
    for (const { id } of (await bench.rowOf(eventId)).channels)
      await bench.stores.channels.update(null, id, { importedAt: bench.time.now(), confirmedCap: 40 })
  }

  it('add one, which shares the units by weight and is unbounded until its import', async () => {
    const { id } = await bench.create({ directWeight: 1 })
    await importAll(id)
    const attached = await bench.listings.attach(id, { ...eventbrite, weight: 2, label: 'Members' }, USER)
    expect(attached).toMatchObject({
      ...eventbrite,
      label: 'Members',
      weight: 2,
      importedAt: null,
      confirmedCap: null,
    })
    // 90 by the weights 1, 1 and 2.
    expect((await bench.rowOf(id)).channels[0]).toMatchObject({ desiredCap: 23 })
    expect(await bench.balancesOf(id)).toMatchObject({ 'ALLOCATED:DIRECT': 22 })
    expect((await kinds(id)).slice(-3)).toEqual(['CHANNEL_ATTACHED', 'DESIRED', 'MOVEMENT'])
    expect(bench.actions().at(-1)).toMatchObject(['channel.attach', { eventId: id, label: 'Members' }])
  })

  it('refuse one that a channel has, or another live event, and any once the event is closed', async () => {
    const first = await bench.create()
    const second = await bench.create({ channels: [eventbrite] })
    const part = { ...listing, externalTicketClassId: 'type' }
    for (const known of [listing, part, eventbrite])
      await expect(bench.listings.attach(first.id, known, USER)).rejects.toThrow(StateConflict)
    const other = { platform: 'MEETUP', externalEventId: '9' } as const
    await expect(bench.listings.attach('evt_unknown', other, USER)).rejects.toThrow(NotFound)
    await bench.states.change(second.id, 'close', USER)
    await expect(bench.listings.attach(second.id, other, USER)).rejects.toThrow('permanently closed')
    expect((await bench.rowOf(first.id)).channels).toHaveLength(1)
  })

  it('bound their number', async () => {
    const { id } = await bench.create({ channels: [] })
    for (let count = 0; count < MAX_CHANNELS; count++)
      await bench.listings.attach(id, { platform: 'LUMA', externalEventId: `evt-${count + 10}` }, USER)
    await expect(bench.listings.attach(id, eventbrite, USER)).rejects.toThrow('at most 20')
  })

  it('close one that is to be detached; it is not resumed, changed or moved units', async () => {
    const { id, channels } = await bench.create({ channels: [listing, eventbrite] })
    await importAll(id)
    const channelId = channels[0]?.id ?? ''
    const requestedAt = bench.time.now()
    const request = { reason: 'a wrong page', soldOnly: false }
    await bench.listings.detach(id, channelId, request, USER)
    await bench.listings.detach(id, channelId, request, USER)
    expect(await stateOf(id, channelId)).toMatchObject({
      detachRequestedAt: requestedAt,
      pausedSince: requestedAt,
      detachedAt: null,
      desiredCap: 0,
      desiredMode: 'WAITLIST_ONLY',
    })
    await expect(bench.channels.pause(id, channelId, false, USER)).rejects.toThrow(StateConflict)
    await expect(bench.channels.change(id, channelId, { weight: 5 }, USER)).rejects.toThrow(StateConflict)
    await expect(bench.listings.attach(id, listing, USER)).rejects.toThrow(StateConflict)
    const detachments = bench.actions().filter(([action]) => action === 'channel.detach')
    expect(detachments).toMatchObject([['channel.detach', { eventId: id, reason: 'a wrong page', soldOnly: false }]])
  })

  it('detach one by the word of an operator, after the write in flight; attached again it is the same channel', async () => {
    const { id, channels } = await bench.create()
    await importAll(id)
    const channelId = channels[0]?.id ?? ''
    const log: string[] = []
    const write = bench.locks.tryWith(`channel:${channelId}`, async () => {
      await bench.time.sleep(3_000)
      log.push('written')
    })
    const detach = bench.listings
      .detach(id, channelId, { reason: 'gone', soldOnly: true }, USER)
      .then(() => log.push('detached'))
    await bench.time.until(Promise.all([write, detach]), 10_000)
    expect(log).toEqual(['written', 'detached'])
    expect(await stateOf(id, channelId)).toMatchObject({ detachedAt: bench.time.now(), confirmedCap: 0 })
    expect(await bench.proofOf(id)).toContainEqual(
      expect.objectContaining({ kind: 'CHANNEL_DETACHED', channel: channelId, assumedBy: USER.id }),
    )
    await expect(bench.listings.move(id, channelId, 'evt-2', USER)).rejects.toThrow(StateConflict)
    const part = { ...listing, externalTicketClassId: 'type' }
    await expect(bench.listings.attach(id, part, USER)).rejects.toThrow(StateConflict)
    expect(await bench.listings.attach(id, listing, USER)).toMatchObject({
      id: channelId,
      detachedAt: null,
      detachRequestedAt: null,
      pausedSince: null,
      importedAt: null,
      confirmedCap: null,
    })
  })

  it('follow one to its new id, which no channel or live event has', async () => {
    const { id, channels } = await bench.create({ channels: [listing, eventbrite] })
    await bench.create({ channels: [{ platform: 'LUMA', externalEventId: 'evt-taken' }] })
    await importAll(id)
    const channelId = channels[0]?.id ?? ''
    await expect(bench.listings.move(id, channelId, 'evt-taken', USER)).rejects.toThrow(StateConflict)
    await expect(bench.listings.move(id, 'chn_unknown', 'evt-2', USER)).rejects.toThrow(NotFound)
    await bench.listings.move(id, channelId, 'evt-2', USER)
    expect(await stateOf(id, channelId)).toMatchObject({
      externalEventId: 'evt-2',
      importedAt: null,
      confirmedCap: null,
    })
    expect((await kinds(id)).slice(-2)).toEqual(['CHANNEL_DETACHED', 'CHANNEL_ATTACHED'])
    // Its former id is free.
    await bench.create({ channels: [listing] })
  })

  it('leave detached ones out when an ended event is live again', async () => {
    const { id, channels } = await bench.create({ channels: [listing, eventbrite] })
    await importAll(id)
    await bench.listings.detach(id, channels[0]?.id ?? '', { reason: 'gone', soldOnly: true }, USER)
    await bench.time.until(bench.time.sleep(96 * HOUR_MS), 97 * HOUR_MS)
    const endsAt = new Date(bench.time.ms() + 24 * HOUR_MS).toISOString()
    await bench.changes.change(id, { endsAt }, USER)
    expect(await bench.rowOf(id)).toMatchObject({ endsAt: new Date(endsAt) })
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import { NotFound, StateConflict } from '../domain/errors.js'
import { HOUR_MS, listing, openStaffBench, USER } from './staff-bench.test-support.js'

let bench: ReturnType<typeof openStaffBench>
beforeEach(() => {
  bench = openStaffBench()
})

describe('Commands of staff on stores in memory', () => {
  it('create an event with its ledger, channels and seats', async () => {
    const seats = [{ section: 'Stalls', rows: [{ row: 'A', count: 2 }] }]
    const event = await bench.create({ directWeight: 1, seats })
    expect(event).toMatchObject({
      capacity: 100,
      softCapRatio: 0.9,
      seatCount: 2,
      channels: [{ ...listing, weight: 1 }],
    })
    expect(await bench.rowOf(event.id)).toEqual(event)
    expect(await bench.balancesOf(event.id)).toMatchObject({ CAPACITY: -100, SAFETY: 10, 'ALLOCATED:DIRECT': 45 })
    expect(bench.database.seats.where(null).map(({ seat }) => seat)).toEqual(['Stalls-A-1', 'Stalls-A-2'])
    expect(bench.actions()).toMatchObject([['event.create', { name: 'Meetup', capacity: 100 }]])
  })

  it('refuse a listing of an open event and leave nothing of the new one; a closed event loses it', async () => {
    const first = await bench.create()
    await expect(bench.create({ name: 'Second' })).rejects.toThrow(StateConflict)
    expect(bench.database.events.where(null)).toHaveLength(1)
    await bench.states.change(first.id, 'close', USER)
    const second = await bench.create({ name: 'Second' })
    expect(second.channels).toMatchObject([{ ...listing, detachedAt: null }])
    expect((await bench.rowOf(first.id)).channels).toMatchObject([
      { ...listing, desiredCap: 0, detachedAt: bench.time.now() },
    ])
    const [lost] = first.channels
    expect(await bench.proofOf(first.id)).toContainEqual(
      expect.objectContaining({ kind: 'CHANNEL_DETACHED', channel: lost?.id }),
    )
    expect((await bench.proofOf(second.id))[0]).toMatchObject({
      kind: 'STARTED',
      channels: [{ id: second.channels[0]?.id }],
    })
  })

  it('move the end of an ended event to the future only while no other transaction has its listing', async () => {
    const { id } = await bench.create()
    await bench.time.until(bench.time.sleep(96 * HOUR_MS), 97 * HOUR_MS)
    const endsAt = new Date(bench.time.ms() + 24 * HOUR_MS).toISOString()
    const revive = () => bench.changes.change(id, { endsAt }, USER)
    await bench.locks.tryWith('listing:LUMA:evt-1', () => expect(revive()).rejects.toThrow(StateConflict))
    await revive()
    expect(await bench.rowOf(id)).toMatchObject({ endsAt: new Date(endsAt) })
  })

  it('give a listing to one of two concurrent requests', async () => {
    const results = await Promise.allSettled([bench.create({ name: 'First' }), bench.create({ name: 'Second' })])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(bench.database.channels.where(null)).toHaveLength(1)
  })

  it('take a listing only after the write in flight of the event that loses it', async () => {
    const first = await bench.create()
    await bench.states.change(first.id, 'close', USER)
    const log: string[] = []
    const write = bench.locks.tryWith(`channel:${first.channels[0]?.id}`, async () => {
      await bench.time.sleep(3_000)
      log.push('written')
    })
    const claim = bench.create({ name: 'Second' }).then(() => log.push('claimed'))
    await bench.time.until(Promise.all([write, claim]), 10_000)
    expect(log).toEqual(['written', 'claimed'])
  })

  it('change the capacity, the safety stock and the times of an event', async () => {
    const { id } = await bench.create({ channels: [] })
    const endsAt = new Date(bench.time.ms() + 30 * HOUR_MS).toISOString()
    await bench.changes.change(id, { capacity: 200, safetyStockRatio: 0.2, endsAt }, USER)
    expect(await bench.rowOf(id)).toMatchObject({ name: 'Meetup', capacity: 200, endsAt: new Date(endsAt) })
    expect(await bench.balancesOf(id)).toMatchObject({ CAPACITY: -200, SAFETY: 40, 'ALLOCATED:DIRECT': 160 })
    await bench.changes.change(id, { capacity: 50 }, USER)
    expect(await bench.rowOf(id)).toMatchObject({ capacity: 50, targetCapacity: 50, safetyStockRatio: 0.2 })
    await expect(bench.changes.change('evt_unknown', { capacity: 5 }, USER)).rejects.toThrow(NotFound)
  })

  it('pause, resume and close an event, and set the desired modes of its channels', async () => {
    const { id, channels } = await bench.create()
    await bench.stores.channels.update(null, channels[0]?.id ?? '', { importedAt: bench.time.now(), desiredCap: 90 })
    const modeOf = async () => (await bench.rowOf(id)).channels[0]?.desiredMode
    expect(await bench.states.change(id, 'pause', USER)).toMatchObject({ id, pausedSince: bench.time.now() })
    expect(await modeOf()).toBe('WAITLIST_ONLY')
    await bench.states.change(id, 'resume', USER)
    expect(await modeOf()).toBe('OPEN')
    await bench.states.change(id, 'close', USER)
    expect(await modeOf()).toBe('WAITLIST_ONLY')
    await expect(bench.states.change(id, 'resume', USER)).rejects.toThrow(StateConflict)
    expect(bench.actions().slice(1)).toEqual([
      ['event.pause', { state: 'PAUSED' }],
      ['event.resume', { state: 'ON_SALE' }],
      ['event.close', { state: 'CLOSED' }],
    ])
  })

  it("limit a channel's cap, lift the limit, and change its weight", async () => {
    const { id, channels } = await bench.create()
    const channelId = channels[0]?.id ?? ''
    await bench.stores.channels.update(null, channelId, { importedAt: bench.time.now(), desiredCap: 90 })
    const row = async () => (await bench.rowOf(id)).channels[0]
    await bench.channels.change(id, channelId, { maxUnits: 20 }, USER)
    expect(await row()).toMatchObject({ maxUnits: 20, weight: 1, desiredCap: 20, desiredMode: 'OPEN' })
    await bench.channels.change(id, 'LUMA', { maxUnits: null, weight: 2 }, USER)
    expect(await row()).toMatchObject({ maxUnits: null, weight: 2, desiredCap: 20 })
    await bench.channels.change(id, 'LUMA', { maxUnits: 0 }, USER)
    expect(await row()).toMatchObject({ maxUnits: 0, desiredCap: 0, desiredMode: 'WAITLIST_ONLY' })
    await bench.channels.change(id, 'LUMA', { maxUnits: 50 }, USER)
    expect(await row()).toMatchObject({ maxUnits: 50, desiredCap: 50, desiredMode: 'OPEN' })
    await expect(bench.channels.change(id, 'MEETUP', { maxUnits: 5 }, USER)).rejects.toThrow(NotFound)
    expect(bench.actions().slice(1, 3)).toEqual([
      ['channel.change', { eventId: id, maxUnits: 20 }],
      ['channel.change', { eventId: id, weight: 2, maxUnits: null }],
    ])
  })

  it('freeze an event once, and pause and sync one of its channels', async () => {
    const { id, channels } = await bench.create()
    const channelId = channels[0]?.id ?? ''
    const frozenAt = bench.time.now()
    await bench.channels.freeze(id, true, USER)
    await bench.channels.freeze(id, true, USER)
    expect((await bench.rowOf(id)).frozenSince).toEqual(frozenAt)
    await bench.channels.freeze(id, false, USER)
    expect((await bench.rowOf(id)).frozenSince).toBeNull()
    await bench.channels.sync(id, 'LUMA', USER)
    expect(await bench.channels.pause(id, channelId, true, USER)).toEqual({ platform: 'LUMA', pausedSince: frozenAt })
    await bench.stores.channels.update(null, channelId, { importedAt: frozenAt })
    await bench.channels.sync(id, channelId, USER)
    expect(bench.requested).toEqual([`sync ${channelId}`, `read ${channelId}`, `sync ${channelId}`])
    expect(await bench.channels.pause(id, 'LUMA', false, USER)).toEqual({ platform: 'LUMA', pausedSince: null })
    await expect(bench.channels.pause(id, 'MEETUP', true, USER)).rejects.toThrow(NotFound)
    await expect(bench.channels.freeze('evt_unknown', true, USER)).rejects.toThrow(NotFound)
    expect(bench.actions().map(([action]) => action)).toEqual([
      'event.create',
      'event.freeze',
      'event.unfreeze',
      'channel.sync',
      'channel.pause',
      'channel.sync',
      'channel.resume',
    ])
  })
})

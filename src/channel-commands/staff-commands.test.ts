import { beforeEach, describe, expect, it } from 'vitest'
import { AuditService } from '../accounts/audit.service.js'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { MemoryDatabase } from '../adapters/memory/memory-database.js'
import { MemoryStockGate } from '../adapters/memory/stock/memory-stock-gate.js'
import { MemoryGateState } from '../adapters/memory/stock/memory-gate-state.js'
import { ownMemory } from '../infrastructure/shared-memory.js'
import { memoryStores } from '../adapters/memory/stores.js'
import { MAX_CHANNELS } from '../channels/attachment.js'
import { DesiredState } from '../channels/desired-state.js'
import { CapWriteJournal } from '../channels/sync/cap-write-journal.js'
import type { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { PLATFORMS } from '../domain/channel.js'
import { NotFound, StateConflict } from '../domain/errors.js'
import { EventChanges } from '../events/event-changes.js'
import { EventCreation } from '../events/event-creation.js'
import { EventStates } from '../events/event-states.js'
import { ListingClaims } from '../events/listing-claims.js'
import type { FetchJobs } from '../inbound/route/fetch-jobs.js'
import type { Config } from '../infrastructure/config/config.js'
import { ServiceState } from '../infrastructure/instances/service-state.js'
import { LockRegistry, MemoryLocks } from '../infrastructure/locks/memory-locks.js'
import { VirtualTime } from '../infrastructure/time/virtual-time.js'
import { ChannelConnections } from '../platforms/channel-connections.js'
import { environmentConnection, Platforms } from '../platforms/platforms.js'
import type { PlatformAdapter } from '../platforms/port.js'
import { Ledger } from '../stock/ledger.js'
import { Rebuilder } from '../stock/gate/rebuild.js'
import { StockEvents } from '../stock/stock-events.js'
import { Stock } from '../stock/stock.js'
import { ChannelCommands } from './channel-commands.js'
import { ChannelListings } from './channel-listings.js'
import { ChannelLookup } from './channel-lookup.js'

const USER: AuthenticatedUser = {
  id: 'usr_1',
  email: 'ann@example.com',
  name: 'Ann',
  role: 'OPERATOR',
  sessionId: 'ses_1',
  emailVerified: true,
}
const HOUR_MS = 3_600_000

/** The commands of staff on one database in memory, without servers and real time. */
function openBench() {
  const time = new VirtualTime()
  const registry = new LockRegistry()
  const database = new MemoryDatabase(time, time, registry)
  const stores = memoryStores(database)
  const gate = new MemoryStockGate(ownMemory(new MemoryGateState(time)))
  const ledger = new Ledger(stores.ledger)
  const stock = new Stock(gate, ledger, new Rebuilder(ledger, gate, () => undefined, time), () => undefined)
  const audit = new AuditService(stores.auditLog, time)
  const desired = new DesiredState(stores.channels, time)
  const writes = new CapWriteJournal(stock, stores.events, stores.channels, stores.failSafe, time)
  const claims = new ListingClaims(stores.channels, stores.transactions, ledger)
  const requested: string[] = []
  const jobs = {
    wake: () => undefined,
    enqueue: async (id: string) => void requested.push(`sync ${id}`),
  } as unknown as ChannelJobs
  const reads = {
    enqueueChanges: async ({ id }: { id: string }) => void requested.push(`read ${id}`),
  } as unknown as FetchJobs
  const config = { stock: { softCapRatio: 0.9, safetyStockRatio: 0.1 } } as Config
  const { events, channels, transactions, seats } = stores
  const lookup = new ChannelLookup(channels)
  const connections = new ChannelConnections(
    new Platforms(PLATFORMS.map((platform) => environmentConnection({ platform } as PlatformAdapter))),
  )
  return {
    time,
    database,
    stores,
    requested,
    locks: new MemoryLocks(new ServiceState(), registry),
    creation: new EventCreation(
      transactions,
      events,
      channels,
      seats,
      connections,
      claims,
      ledger,
      gate,
      jobs,
      config,
      audit,
      time,
    ),
    changes: new EventChanges(stock, events, claims, desired, writes, jobs, audit, new StockEvents(), time),
    states: new EventStates(stock, events, desired, jobs, audit, time),
    channels: new ChannelCommands(transactions, events, channels, lookup, stock, desired, jobs, reads, audit, time),
    listings: new ChannelListings(
      transactions,
      events,
      channels,
      lookup,
      connections,
      claims,
      ledger,
      stock,
      desired,
      writes,
      jobs,
      audit,
      time,
    ),
  }
}

let bench: ReturnType<typeof openBench>
beforeEach(() => {
  bench = openBench()
})

const listing = { platform: 'LUMA', externalEventId: 'evt-1' } as const
const create = (change: object = {}) => {
  const startsAt = new Date(bench.time.ms() + 24 * HOUR_MS).toISOString()
  return bench.creation.create({ name: 'Meetup', startsAt, capacity: 100, channels: [listing], ...change }, USER)
}
const rowOf = async (eventId: string) => bench.stores.events.withChannels(null, eventId)
const balancesOf = async (eventId: string) => (await bench.stores.ledger.read(eventId)).balances
const proofOf = async (eventId: string) => {
  const lines = await bench.stores.ledger.proofAfter(eventId, 0, 1_000)
  return lines.map(({ content }) => JSON.parse(content) as Record<string, unknown>)
}
const actions = () => bench.database.auditEntries.where(null).map(({ action, after }) => [action, after])

describe('Commands of staff on stores in memory', () => {
  it('create an event with its ledger, channels and seats', async () => {
    const seats = [{ section: 'Stalls', rows: [{ row: 'A', count: 2 }] }]
    const event = await create({ directWeight: 1, seats })
    expect(event).toMatchObject({
      capacity: 100,
      softCapRatio: 0.9,
      seatCount: 2,
      channels: [{ ...listing, weight: 1 }],
    })
    expect(await rowOf(event.id)).toEqual(event)
    expect(await balancesOf(event.id)).toMatchObject({ CAPACITY: -100, SAFETY: 10, 'ALLOCATED:DIRECT': 45 })
    expect(bench.database.seats.where(null).map(({ seat }) => seat)).toEqual(['Stalls-A-1', 'Stalls-A-2'])
    expect(actions()).toMatchObject([['event.create', { name: 'Meetup', capacity: 100 }]])
  })

  it('refuse a listing of an open event and leave nothing of the new one; a closed event loses it', async () => {
    const first = await create()
    await expect(create({ name: 'Second' })).rejects.toThrow(StateConflict)
    expect(bench.database.events.where(null)).toHaveLength(1)
    await bench.states.change(first.id, 'close', USER)
    const second = await create({ name: 'Second' })
    expect(second.channels).toMatchObject([{ ...listing, detachedAt: null }])
    expect((await rowOf(first.id)).channels).toMatchObject([
      { ...listing, desiredCap: 0, detachedAt: bench.time.now() },
    ])
    const [lost] = first.channels
    expect(await proofOf(first.id)).toContainEqual(
      expect.objectContaining({ kind: 'CHANNEL_DETACHED', channel: lost?.id }),
    )
    expect((await proofOf(second.id))[0]).toMatchObject({ kind: 'STARTED', channels: [{ id: second.channels[0]?.id }] })
  })

  it('move the end of an ended event to the future only while no other transaction has its listing', async () => {
    const { id } = await create()
    await bench.time.until(bench.time.sleep(96 * HOUR_MS), 97 * HOUR_MS)
    const endsAt = new Date(bench.time.ms() + 24 * HOUR_MS).toISOString()
    const revive = () => bench.changes.change(id, { endsAt }, USER)
    await bench.locks.tryWith('listing:LUMA:evt-1', () => expect(revive()).rejects.toThrow(StateConflict))
    await revive()
    expect(await rowOf(id)).toMatchObject({ endsAt: new Date(endsAt) })
  })

  it('give a listing to one of two concurrent requests', async () => {
    const results = await Promise.allSettled([create({ name: 'First' }), create({ name: 'Second' })])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(bench.database.channels.where(null)).toHaveLength(1)
  })

  it('take a listing only after the write in flight of the event that loses it', async () => {
    const first = await create()
    await bench.states.change(first.id, 'close', USER)
    const log: string[] = []
    const write = bench.locks.tryWith(`channel:${first.channels[0]?.id}`, async () => {
      await bench.time.sleep(3_000)
      log.push('written')
    })
    const claim = create({ name: 'Second' }).then(() => log.push('claimed'))
    await bench.time.until(Promise.all([write, claim]), 10_000)
    expect(log).toEqual(['written', 'claimed'])
  })

  it('change the capacity, the safety stock and the times of an event', async () => {
    const { id } = await create({ channels: [] })
    const endsAt = new Date(bench.time.ms() + 30 * HOUR_MS).toISOString()
    await bench.changes.change(id, { capacity: 200, safetyStockRatio: 0.2, endsAt }, USER)
    expect(await rowOf(id)).toMatchObject({ name: 'Meetup', capacity: 200, endsAt: new Date(endsAt) })
    expect(await balancesOf(id)).toMatchObject({ CAPACITY: -200, SAFETY: 40, 'ALLOCATED:DIRECT': 160 })
    await bench.changes.change(id, { capacity: 50 }, USER)
    expect(await rowOf(id)).toMatchObject({ capacity: 50, targetCapacity: 50, safetyStockRatio: 0.2 })
    await expect(bench.changes.change('evt_unknown', { capacity: 5 }, USER)).rejects.toThrow(NotFound)
  })

  it('pause, resume and close an event, and set the desired modes of its channels', async () => {
    const { id, channels } = await create()
    await bench.stores.channels.update(null, channels[0]?.id ?? '', { importedAt: bench.time.now(), desiredCap: 90 })
    const modeOf = async () => (await rowOf(id)).channels[0]?.desiredMode
    expect(await bench.states.change(id, 'pause', USER)).toMatchObject({ id, pausedSince: bench.time.now() })
    expect(await modeOf()).toBe('WAITLIST_ONLY')
    await bench.states.change(id, 'resume', USER)
    expect(await modeOf()).toBe('OPEN')
    await bench.states.change(id, 'close', USER)
    expect(await modeOf()).toBe('WAITLIST_ONLY')
    await expect(bench.states.change(id, 'resume', USER)).rejects.toThrow(StateConflict)
    expect(actions().slice(1)).toEqual([
      ['event.pause', { state: 'PAUSED' }],
      ['event.resume', { state: 'ON_SALE' }],
      ['event.close', { state: 'CLOSED' }],
    ])
  })

  it("limit a channel's cap, lift the limit, and change its weight", async () => {
    const { id, channels } = await create()
    const channelId = channels[0]?.id ?? ''
    await bench.stores.channels.update(null, channelId, { importedAt: bench.time.now(), desiredCap: 90 })
    const row = async () => (await rowOf(id)).channels[0]
    await bench.channels.change(id, channelId, { maxUnits: 20 }, USER)
    expect(await row()).toMatchObject({ maxUnits: 20, weight: 1, desiredCap: 20, desiredMode: 'OPEN' })
    await bench.channels.change(id, 'LUMA', { maxUnits: null, weight: 2 }, USER)
    expect(await row()).toMatchObject({ maxUnits: null, weight: 2, desiredCap: 20 })
    await bench.channels.change(id, 'LUMA', { maxUnits: 0 }, USER)
    expect(await row()).toMatchObject({ maxUnits: 0, desiredCap: 0, desiredMode: 'WAITLIST_ONLY' })
    await bench.channels.change(id, 'LUMA', { maxUnits: 50 }, USER)
    expect(await row()).toMatchObject({ maxUnits: 50, desiredCap: 50, desiredMode: 'OPEN' })
    await expect(bench.channels.change(id, 'MEETUP', { maxUnits: 5 }, USER)).rejects.toThrow(NotFound)
    expect(actions().slice(1, 3)).toEqual([
      ['channel.change', { eventId: id, maxUnits: 20 }],
      ['channel.change', { eventId: id, weight: 2, maxUnits: null }],
    ])
  })

  describe('on the listings of an event on sale', () => {
    const eventbrite = { platform: 'EVENTBRITE', externalEventId: '7' } as const
    const kinds = async (eventId: string) => (await proofOf(eventId)).map(({ kind }) => kind)
    const stateOf = async (eventId: string, id: string) =>
      (await rowOf(eventId)).channels.find((channel) => channel.id === id)
    const importAll = async (eventId: string) => {
      for (const { id } of (await rowOf(eventId)).channels)
        await bench.stores.channels.update(null, id, { importedAt: bench.time.now(), confirmedCap: 40 })
    }

    it('add one, which shares the units by weight and is unbounded until its import', async () => {
      const { id } = await create({ directWeight: 1 })
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
      expect((await rowOf(id)).channels[0]).toMatchObject({ desiredCap: 23 })
      expect(await balancesOf(id)).toMatchObject({ 'ALLOCATED:DIRECT': 22 })
      expect((await kinds(id)).slice(-3)).toEqual(['CHANNEL_ATTACHED', 'DESIRED', 'MOVEMENT'])
      expect(actions().at(-1)).toMatchObject(['channel.attach', { eventId: id, label: 'Members' }])
    })

    it('refuse one that a channel has, or another live event, and any once the event is closed', async () => {
      const first = await create()
      const second = await create({ channels: [eventbrite] })
      const part = { ...listing, externalTicketClassId: 'type' }
      for (const known of [listing, part, eventbrite])
        await expect(bench.listings.attach(first.id, known, USER)).rejects.toThrow(StateConflict)
      const other = { platform: 'MEETUP', externalEventId: '9' } as const
      await expect(bench.listings.attach('evt_unknown', other, USER)).rejects.toThrow(NotFound)
      await bench.states.change(second.id, 'close', USER)
      await expect(bench.listings.attach(second.id, other, USER)).rejects.toThrow('permanently closed')
      expect((await rowOf(first.id)).channels).toHaveLength(1)
    })

    it('bound their number', async () => {
      const { id } = await create({ channels: [] })
      for (let count = 0; count < MAX_CHANNELS; count++)
        await bench.listings.attach(id, { platform: 'LUMA', externalEventId: `evt-${count + 10}` }, USER)
      await expect(bench.listings.attach(id, eventbrite, USER)).rejects.toThrow('at most 20')
    })

    it('close one that is to be detached; it is not resumed, changed or moved units', async () => {
      const { id, channels } = await create({ channels: [listing, eventbrite] })
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
      const detachments = actions().filter(([action]) => action === 'channel.detach')
      expect(detachments).toMatchObject([['channel.detach', { eventId: id, reason: 'a wrong page', soldOnly: false }]])
    })

    it('detach one by the word of an operator, after the write in flight; attached again it is the same channel', async () => {
      const { id, channels } = await create()
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
      expect(await proofOf(id)).toContainEqual(
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
      const { id, channels } = await create({ channels: [listing, eventbrite] })
      await create({ channels: [{ platform: 'LUMA', externalEventId: 'evt-taken' }] })
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
      await create({ channels: [listing] })
    })

    it('leave detached ones out when an ended event is live again', async () => {
      const { id, channels } = await create({ channels: [listing, eventbrite] })
      await importAll(id)
      await bench.listings.detach(id, channels[0]?.id ?? '', { reason: 'gone', soldOnly: true }, USER)
      await bench.time.until(bench.time.sleep(96 * HOUR_MS), 97 * HOUR_MS)
      const endsAt = new Date(bench.time.ms() + 24 * HOUR_MS).toISOString()
      await bench.changes.change(id, { endsAt }, USER)
      expect(await rowOf(id)).toMatchObject({ endsAt: new Date(endsAt) })
    })
  })

  it('freeze an event once, and pause and sync one of its channels', async () => {
    const { id, channels } = await create()
    const channelId = channels[0]?.id ?? ''
    const frozenAt = bench.time.now()
    await bench.channels.freeze(id, true, USER)
    await bench.channels.freeze(id, true, USER)
    expect((await rowOf(id)).frozenSince).toEqual(frozenAt)
    await bench.channels.freeze(id, false, USER)
    expect((await rowOf(id)).frozenSince).toBeNull()
    await bench.channels.sync(id, 'LUMA', USER)
    expect(await bench.channels.pause(id, channelId, true, USER)).toEqual({ platform: 'LUMA', pausedSince: frozenAt })
    await bench.stores.channels.update(null, channelId, { importedAt: frozenAt })
    await bench.channels.sync(id, channelId, USER)
    expect(bench.requested).toEqual([`sync ${channelId}`, `read ${channelId}`, `sync ${channelId}`])
    expect(await bench.channels.pause(id, 'LUMA', false, USER)).toEqual({ platform: 'LUMA', pausedSince: null })
    await expect(bench.channels.pause(id, 'MEETUP', true, USER)).rejects.toThrow(NotFound)
    await expect(bench.channels.freeze('evt_unknown', true, USER)).rejects.toThrow(NotFound)
    expect(actions().map(([action]) => action)).toEqual([
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

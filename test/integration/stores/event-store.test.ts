import { expect, it } from 'vitest'
import { emptyBalances, type LedgerAccount } from '../../../src/domain/stock/ledger-account.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { EventUnknown } from '../../../src/stock/ledger-store.js'
import { channelRow, describeStores, eventRow, holdRow } from '../../support/fixtures/store-bench.js'

const DAY_MS = 86_400_000
const NOW = new Date('2026-11-20T12:00:00.000Z')
const daysFromNow = (days: number) => new Date(NOW.getTime() + days * DAY_MS)

describeStores('The event store', (bench) => {
  const insert = async (change: Parameters<typeof eventRow>[0] = {}, ledger = true) => {
    const event = eventRow(change)
    await bench.insert('events', event)
    if (ledger) await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    return event
  }

  const insertBalances = (eventId: string, units: Record<string, number>) =>
    bench.stores.ledger.locked(eventId, (transaction) => {
      const accounts = Object.entries(units) as [LedgerAccount, number][]
      const rows = accounts.map(([account, count]) => ({ account, units: count }))
      return bench.stores.ledger.writeBalances(transaction, eventId, rows)
    })

  it('distinguishes open, live and ended events', async () => {
    const events = {
      onSale: await insert({ startsAt: daysFromNow(1) }),
      longAgo: await insert({ startsAt: daysFromNow(-4) }),
      startedLongAgo: await insert({ startsAt: daysFromNow(-4), endsAt: daysFromNow(-1) }),
      endedTwoDaysAgo: await insert({ startsAt: daysFromNow(-4), endsAt: daysFromNow(-2) }),
      closedYesterday: await insert({ startsAt: daysFromNow(1), closedSince: daysFromNow(-1) }),
      closedTwoDaysAgo: await insert({ startsAt: daysFromNow(1), closedSince: daysFromNow(-2) }),
    }
    const ids = Object.values(events).map(({ id }) => id)
    const open = [events.onSale, events.startedLongAgo]
    const found = (scope: 'open' | 'live') => bench.stores.events.ids({ scope, now: NOW, ids })
    expect(await found('open')).toEqual(open.map(({ id }) => id).toSorted())
    expect(await found('live')).toEqual([...open, events.closedYesterday].map(({ id }) => id).toSorted())
    expect(await bench.stores.events.ids({ scope: 'live', now: NOW, ids: [] })).toEqual([])
    const all = await bench.stores.events.ids({ scope: 'live', now: NOW })
    expect(all).toEqual(expect.arrayContaining([events.onSale.id]))
    expect(all).not.toContain(events.longAgo.id)
  })

  it('lists events by their start', async () => {
    const late = await insert({ startsAt: daysFromNow(2) })
    const soon = await insert({ startsAt: daysFromNow(1) })
    const closed = await insert({ startsAt: daysFromNow(0.5), closedSince: NOW })
    const ids = await bench.stores.events.idsBySoonestStart({ scope: 'open', now: NOW })
    expect(ids.filter((id) => [late, soon, closed].some((event) => event.id === id))).toEqual([soon.id, late.id])
  })

  it('includes events to be synced that were closed with a listing not confirmed as closed, until they end', async () => {
    const withListing = async (endsAt: Date, channel: Parameters<typeof channelRow>[1]) => {
      const event = await insert({ startsAt: daysFromNow(-2.2), endsAt, closedSince: daysFromNow(-3) })
      await bench.insert('channels', channelRow(event.id, channel))
      return event.id
    }
    const recently = daysFromNow(-1.9)
    const synced = [
      await withListing(recently, { confirmedMode: 'OPEN' }),
      await withListing(recently, { confirmedMode: 'WAITLIST_ONLY', unconfirmedCap: 5 }),
    ]
    const others = [
      await withListing(recently, { confirmedMode: 'WAITLIST_ONLY' }),
      await withListing(recently, { confirmedMode: 'OPEN', importedAt: null }),
      await withListing(daysFromNow(-2.1), { confirmedMode: 'OPEN' }),
    ]
    const ids = [...synced, ...others]
    expect(await bench.stores.events.ids({ scope: 'synced', now: NOW, ids })).toEqual(synced.toSorted())
    expect(await bench.stores.events.ids({ scope: 'live', now: NOW, ids })).toEqual([])
    const withoutChannels = await insert({ startsAt: daysFromNow(1) })
    const open = { scope: 'synced', now: NOW, ids: [withoutChannels.id] } as const
    expect(await bench.stores.events.ids(open)).toEqual([withoutChannels.id])
    expect(await bench.stores.events.ids({ ...open, hasChannels: true })).toEqual([])
  })

  it('reads events with channels in the order of their ids, and their balances', async () => {
    const event = await insert()
    const channels = ['chn_b', 'chn_a', 'chn_c'].map((id) => channelRow(event.id, { id: `${id}-${event.id}` }))
    for (const channel of channels) await bench.insert('channels', channel)
    await bench.stores.ledger.locked(event.id, (transaction) =>
      bench.stores.ledger.writeBalances(transaction, event.id, [
        { account: 'CAPACITY', units: -7 },
        { account: 'SAFETY', units: 7 },
      ]),
    )
    const snapshot = await bench.stores.events.snapshot(event.id)
    expect(snapshot).toMatchObject({ ...event, balances: { CAPACITY: -7, SAFETY: 7, UNALLOCATED: 0 } })
    expect(snapshot?.channels.map(({ id }) => id.slice(0, 5))).toEqual(['chn_a', 'chn_b', 'chn_c'])
    expect(snapshot?.channels[1]).toEqual(channels[0])
    expect(await bench.stores.events.snapshots({ scope: 'open', now: NOW, ids: [event.id] })).toEqual([snapshot])
  })

  it('has no snapshot of an event without a ledger, or of an unknown one', async () => {
    const event = await insert({}, false)
    expect(await bench.stores.events.snapshot(event.id)).toBeNull()
    expect(await bench.stores.events.snapshots({ scope: 'live', now: NOW, ids: [event.id] })).toEqual([])
    expect(await bench.stores.events.snapshot('evt_unknown')).toBeNull()
    expect(await bench.stores.events.exists(event.id)).toBe(true)
    expect(await bench.stores.events.exists('evt_unknown')).toBe(false)
  })

  it('changes an event within a transaction', async () => {
    const event = await insert()
    const { ledger, events } = bench.stores
    await ledger.locked(event.id, async (transaction) => {
      await events.update(transaction, event.id, { capacity: 80, redAlarmSince: NOW })
      expect(await events.withChannels(transaction, event.id)).toMatchObject({ capacity: 80, channels: [] })
      expect(await events.read(transaction, event.id)).toMatchObject({ id: event.id, capacity: 80 })
      await expect(events.read(transaction, 'evt_unknown')).rejects.toThrow(EventUnknown)
      expect(await events.withChannels(null, event.id)).toMatchObject({ capacity: 100, redAlarmSince: null })
      await expect(events.update(transaction, 'evt_unknown', { capacity: 1 })).rejects.toThrow(EventUnknown)
    })
    expect(await events.withChannels(null, event.id)).toMatchObject({ capacity: 80, redAlarmSince: NOW })
    await expect(events.withChannels(null, 'evt_unknown')).rejects.toThrow(EventUnknown)
    const all = await bench.stores.transactions.run((transaction) =>
      events.allWithChannels(transaction, [event.id, 'evt_unknown']),
    )
    expect(all).toEqual(new Map([[event.id, await events.withChannels(null, event.id)]]))
  })

  it('creates an event with the defaults of the columns that are not given', async () => {
    const { id, name, startsAt, endsAt, salesEndAt, capacity, targetCapacity, ...row } = eventRow()
    const { softCapRatio, safetyStockRatio, directWeight, seatCount } = row
    const shares = { softCapRatio, safetyStockRatio, directWeight }
    const given = { id, name, startsAt, endsAt, salesEndAt, capacity, targetCapacity, seatCount, ...shares }
    const { events, transactions } = bench.stores
    const created = await transactions.run((transaction) => events.create(transaction, { ...given, venue: undefined }))
    const now = expect.any(Date) as Date
    expect(created).toEqual({ ...eventRow(given), createdAt: now, updatedAt: now })
    expect(await events.find(id)).toEqual(created)
    const others = { venue: 'The Old Mill', timezone: 'Europe/Berlin', priceCents: 500, currency: 'EUR' }
    const other = { ...given, ...others, id: newId('evt'), maxHeldPerCustomer: 4, waitlistPolicy: 'AUTOMATIC' } as const
    await transactions.run((transaction) => events.create(transaction, other))
    expect(await events.find(other.id)).toMatchObject(other)
    await expect(transactions.run((transaction) => events.create(transaction, other))).rejects.toThrow()
  })

  it('leaves columns unchanged for which a change has no value', async () => {
    const event = await insert({ name: 'Before' })
    const { events, transactions } = bench.stores
    const change = { name: undefined, venue: 'The Old Mill' }
    await transactions.run((transaction) => events.update(transaction, event.id, change))
    await transactions.run((transaction) => events.update(transaction, event.id, {}))
    expect(await events.find(event.id)).toMatchObject({ name: 'Before', venue: 'The Old Mill' })
  })

  it('finds an event, and reads it with its balances', async () => {
    const event = await insert()
    const withoutLedger = await insert({}, false)
    await insertBalances(event.id, { CAPACITY: -7, SAFETY: 7 })
    const { events } = bench.stores
    expect(await events.find(event.id)).toEqual(event)
    expect(await events.find('evt_unknown')).toBeNull()
    const balances = { ...emptyBalances(), CAPACITY: -7, SAFETY: 7 }
    expect(await events.withBalances(event.id)).toEqual({ ...event, balances })
    expect(await events.withBalances(withoutLedger.id)).toBeNull()
    expect(await events.withBalances('evt_unknown')).toBeNull()
  })

  it('selects events on sale, and oversold ones', async () => {
    const inserted = {
      onSale: await insert(),
      startsNow: await insert({ startsAt: NOW, endsAt: daysFromNow(1) }),
      paused: await insert({ pausedSince: NOW }),
      alarmed: await insert({ redAlarmSince: NOW }),
      closed: await insert({ closedSince: daysFromNow(-1) }),
    }
    await insertBalances(inserted.paused.id, { CAPACITY: -5, OVERSOLD: -1, 'SOLD:a': 6 })
    await insertBalances(inserted.onSale.id, { CAPACITY: -5, OVERSOLD: 0, 'SOLD:a': 5 })
    await insertBalances(inserted.closed.id, { CAPACITY: -5, OVERSOLD: -2, 'SOLD:a': 7 })
    const ids = Object.values(inserted).map(({ id }) => id)
    const { events } = bench.stores
    expect(await events.ids({ scope: 'open', now: NOW, ids, onSale: true })).toEqual([inserted.onSale.id])
    const oversold = (scope: 'live' | 'open') => events.ids({ scope, now: NOW, ids, oversold: true })
    expect(await oversold('live')).toEqual([inserted.closed.id, inserted.paused.id].toSorted())
    expect(await oversold('open')).toEqual([inserted.paused.id])
  })

  it('finds open events whose soft cap is reached', async () => {
    const startsAt = new Date(Date.now() + DAY_MS)
    const insertSold = async (units: Record<string, number>, change: Parameters<typeof eventRow>[0] = {}) => {
      const event = await insert({ startsAt, softCapRatio: 0.7, ...change })
      await insertBalances(event.id, units)
      return event.id
    }
    const pay = async (eventId: string, quantity: number) => {
      await bench.insert('holds', holdRow(eventId, { quantity, state: 'PAYMENT_PENDING' }))
      await bench.insert('holds', holdRow(eventId, { quantity: 1 }))
      return eventId
    }
    const stock = { CAPACITY: -70, UNALLOCATED: 21, 'SOLD:DIRECT': 10, 'SOLD:a': 39 }
    const beingPaid = { CAPACITY: -70, UNALLOCATED: 20, HELD: 10, 'SOLD:DIRECT': 10, 'SOLD:a': 30 }
    const reached = [
      await pay(await insertSold(beingPaid), 9),
      await pay(await insertSold({ CAPACITY: -70, UNALLOCATED: 20, HELD: 50 }), 49),
      await insertSold(stock),
      await insertSold({ ...stock, UNALLOCATED: 0, 'SOLD:a': 60 }, { pausedSince: NOW }),
      await insertSold({ CAPACITY: -1, 'SOLD:a': 1 }),
    ]
    const others = [
      await insertSold({ ...stock, UNALLOCATED: 22, 'SOLD:a': 38 }),
      await insertSold(beingPaid),
      await pay(await insertSold(beingPaid), 8),
      await insertSold({ CAPACITY: -1, UNALLOCATED: 1 }),
      await insertSold({}),
      await insertSold(stock, { redAlarmSince: NOW }),
      await insertSold(stock, { closedSince: NOW }),
      await insertSold(stock, { startsAt: daysFromNow(-30) }),
    ]
    const found = await bench.stores.events.idsAtSoftCap()
    expect(found.filter((id) => [...reached, ...others].includes(id)).toSorted()).toEqual(reached.toSorted())
    const [paid = '', , none = ''] = reached
    expect(await bench.stores.events.unitsBeingPaid(null, paid)).toBe(9)
    expect(await bench.stores.events.unitsBeingPaid(null, none)).toBe(0)
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ChannelStore } from '../../../src/channels/channel-store.js'
import { ChannelPull } from '../../../src/channels/reading/channel-pull.js'
import type { Platform } from '../../../src/domain/channel.js'
import type { OrderSnapshot } from '../../../src/domain/orders/order-snapshot.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { Platforms } from '../../../src/platforms/platforms.js'
import type { OrderPage, PlatformAdapter } from '../../../src/platforms/port.js'
import { RunLimits } from '../../../src/reconciliation/run/run-limits.js'
import {
  summarize,
  dropWebhooks,
  createEventWithoutWebhooks,
  reconcile,
  soldBy,
  startIdleTestSystem,
} from '../../support/fixtures/reconcile.js'
import { until, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem()
})
afterAll(() => system.close())
afterEach(() => {
  vi.restoreAllMocks()
  Object.assign(system.app.app.get(RunLimits), new RunLimits())
  dropWebhooks(system, false)
})

const adapterOf = (platform: Platform): PlatformAdapter => system.app.app.get(Platforms).ofEnvironment(platform).adapter
const call = <T>(method: 'GET' | 'POST', path: string) => system.app.call<T>(method, path, { token: system.token })
const email = (name: string | number) => `${name}@example.com`

/** Modifies the order pages that the platform returns. */
function changePages(platform: Platform, change: (page: OrderPage) => OrderPage): void {
  const adapter = adapterOf(platform)
  const real = adapter.listOrders.bind(adapter)
  vi.spyOn(adapter, 'listOrders').mockImplementation(async (...args) => {
    const read = await real(...args)
    return read.kind === 'OK' ? { kind: 'OK', value: change(read.value) } : read
  })
}

const without = (orderId: string) => (page: OrderPage) => ({
  ...page,
  snapshots: page.snapshots.filter((snapshot) => snapshot.orderId !== orderId),
})

describe('Reconciliation with records that cannot be stored', () => {
  it('stores and compares a record with a malformed name', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.luma.control.register({ eventId: listings.luma, name: 'A\u0000nn \ud83d', email: email('nul') })
    system.luma.control.register({ eventId: listings.luma, name: 'Bob', email: email('bob') })
    const run = await reconcile(system, { eventId: id })
    expect(run.items.map(({ kind, corrected }) => [kind, corrected])).toEqual([
      ['MISSING_SALE', true],
      ['MISSING_SALE', true],
    ])
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 })
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('quarantines an unreadable record and raises an alert, corrects the others, and resolves the record once it can be read', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { luma } = system
    const unreadableId = luma.control.register({ eventId: listings.luma, email: email('unreadable') }).guestId ?? ''
    const left = luma.control.register({ eventId: listings.luma, email: email('left') }).guestId ?? ''
    await reconcile(system, { eventId: id })
    luma.control.cancel(listings.luma, left)
    luma.control.register({ eventId: listings.luma, email: email('new') })
    const row = { orderId: unreadableId, reason: 'the guest has no event_tickets' }
    changePages('LUMA', (page) => {
      const shows = page.snapshots.some(({ orderId }) => orderId === unreadableId)
      return { ...without(unreadableId)(page), unreadable: shows ? [row] : [] }
    })
    const { items } = await reconcile(system, { eventId: id })
    expect(items.map(({ kind }) => kind).toSorted()).toEqual(['MISSING_CANCELLATION', 'MISSING_SALE', 'UNREADABLE'])
    expect(items.find(({ kind }) => kind === 'UNREADABLE')).toMatchObject({
      externalOrderId: unreadableId,
      corrected: false,
      detail: expect.stringContaining('no event_tickets'),
    })
    // The quarantined order is neither lost nor treated as a cancellation.
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 })
    interface Listed {
      items: { id: string; eventId: string; externalOrderId: string; resolvedAt: string | null }[]
    }
    const open = (await call<Listed>('GET', '/quarantine')).body.items.filter(({ eventId }) => eventId === id)
    expect(open).toMatchObject([{ externalOrderId: unreadableId, reason: row.reason, platform: 'LUMA', attempts: 1 }])
    await until(async () => {
      const { body } = await call<{ items: { eventId: string; detail: string }[] }>('GET', '/alerts?kind=DRIFT')
      const details = body.items.filter(({ eventId }) => eventId === id).map(({ detail }) => detail)
      expect(details.join()).toContain(`order ${unreadableId}: ${row.reason}`)
    })
    const retried = await call('POST', `/quarantine/${open[0]?.id}/retry`)
    expect(retried).toMatchObject({ status: 200, body: { resolvedAt: expect.any(String) } })
    vi.restoreAllMocks()
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('quarantines only the record that the database rejects', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const prisma = system.app.app.get(PrismaService)
    await prisma.$executeRawUnsafe(
      `ALTER TABLE orders ADD CONSTRAINT no_poison CHECK (buyer_email <> 'poison@example.com')`,
    )
    const bad = system.luma.control.register({ eventId: listings.luma, email: email('poison') }).guestId ?? ''
    for (let i = 0; i < 5; i++) system.luma.control.register({ eventId: listings.luma, email: email(i) })
    const run = await reconcile(system, { eventId: id })
    expect(run.items.filter(({ kind }) => kind === 'UNREADABLE')).toMatchObject([{ externalOrderId: bad }])
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 5 })
    await prisma.$executeRawUnsafe('ALTER TABLE orders DROP CONSTRAINT no_poison')
    expect(summarize((await reconcile(system, { eventId: id })).items)).toMatchObject([
      { externalOrderId: bad, corrected: true },
    ])
    expect(await prisma.quarantinedRecord.findMany({ where: { eventId: id } })).toMatchObject([
      { externalOrderId: bad, resolvedAt: expect.any(Date) },
    ])
  })
})

describe('Reconciliation with missing orders', () => {
  async function createEventWithMissingGuests(count: number) {
    const { id, listings } = await createEventWithoutWebhooks(system)
    for (let i = 0; i < count; i++) system.luma.control.register({ eventId: listings.luma, email: email(`${id}${i}`) })
    await reconcile(system, { eventId: id })
    expect(await soldBy(system, id)).toMatchObject({ LUMA: count })
    changePages('LUMA', (page) => ({ ...page, snapshots: [] }))
    return id
  }
  const unreadable = [expect.objectContaining({ channel: 'LUMA', kind: 'UNREADABLE', corrected: false })]

  it('cancels nothing when the credentials do not see the event', async () => {
    const id = await createEventWithMissingGuests(2)
    vi.spyOn(adapterOf('LUMA'), 'getOrder').mockResolvedValue({ kind: 'OK', value: null })
    vi.spyOn(adapterOf('LUMA'), 'readChannel').mockResolvedValue({ kind: 'GONE', message: 'no such event' })
    const run = await reconcile(system, { eventId: id })
    expect(run.items.filter(({ detail }) => detail.startsWith('The orders'))).toEqual(unreadable)
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 })
  })

  it('cancels nothing when a whole guest list is missing and the platform returns no guest individually', async () => {
    const id = await createEventWithMissingGuests(25)
    vi.spyOn(adapterOf('LUMA'), 'getOrder').mockResolvedValue({ kind: 'OK', value: null })
    expect((await reconcile(system, { eventId: id })).items).toEqual(unreadable)
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 25 })
  })

  it('cancels a whole missing guest list when the platform returns each guest as cancelled', async () => {
    const id = await createEventWithMissingGuests(25)
    const adapter = adapterOf('LUMA')
    const real = adapter.getOrder.bind(adapter)
    vi.spyOn(adapter, 'getOrder').mockImplementation(async (...args) => {
      const read = await real(...args)
      if (read.kind !== 'OK' || read.value === null) return read
      const cancelled = (snapshot: OrderSnapshot) => snapshot.tickets.map((ticket) => ({ ...ticket, live: false }))
      return { kind: 'OK', value: { ...read.value, tickets: cancelled(read.value) } }
    })
    await reconcile(system, { eventId: id })
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 0 })
  })

  it('ignores the missing order of a hidden member and corrects the others, in every run', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const hidden = system.meetup.control.rsvp(listings.meetup, { guests: 1 }).rsvpId ?? ''
    system.meetup.control.rsvp(listings.meetup)
    await reconcile(system, { eventId: id })
    changePages('MEETUP', without(hidden))
    const late = system.meetup.control.rsvp(listings.meetup).rsvpId
    expect(summarize((await reconcile(system, { eventId: id })).items)).toEqual([
      { channel: 'MEETUP', kind: 'MISSING_SALE', externalOrderId: late, ledger: 0, platform: 1, corrected: true },
    ])
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
    expect(await soldBy(system, id)).toMatchObject({ MEETUP: 4 })
  })
})

describe('Reconciliation with a read that does not end', () => {
  const never = () => new Promise<never>(() => undefined)

  it('reports the channel as unreadable and compares the others', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 })
    vi.spyOn(adapterOf('LUMA'), 'listOrders').mockImplementation(never)
    system.app.app.get(RunLimits).channelMs = 8_000
    const run = await reconcile(system, { eventId: id })
    expect(run.state).toBe('SUCCEEDED')
    expect(summarize(run.items).map(({ channel, kind }) => [channel, kind])).toEqual([
      ['EVENTBRITE', 'MISSING_SALE'],
      ['LUMA', 'UNREADABLE'],
    ])
  })

  it('fails the run with the reason, and the next run succeeds', async () => {
    const { id } = await createEventWithoutWebhooks(system)
    vi.spyOn(adapterOf('LUMA'), 'listOrders').mockImplementation(never)
    system.app.app.get(RunLimits).runMs = 3_000
    expect(await reconcile(system, { eventId: id })).toMatchObject({
      state: 'FAILED',
      reason: expect.stringContaining('not done within 3 s'),
      finishedAt: expect.any(String),
    })
    vi.restoreAllMocks()
    Object.assign(system.app.app.get(RunLimits), new RunLimits())
    expect(await reconcile(system, { eventId: id })).toMatchObject({ state: 'SUCCEEDED', items: [] })
  })

  it('stops reading repeated pages and concludes nothing from them', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.luma.control.register({ eventId: listings.luma, email: email('once') })
    let pageCount = 0
    changePages('LUMA', (page) => ({ ...page, nextCursor: { at: ++pageCount }, done: false }))
    const adapter = adapterOf('LUMA')
    const paged = adapter.listOrders.bind(adapter)
    vi.spyOn(adapter, 'listOrders').mockImplementation((listing, scope, _cursor, context) =>
      paged(listing, scope, null, context),
    )
    const run = await reconcile(system, { eventId: id })
    expect(run).toMatchObject({ state: 'SUCCEEDED', items: [{ channel: 'LUMA', kind: 'UNREADABLE' }] })
    expect(pageCount).toBeLessThan(60)
  })
})

describe('A sweep', () => {
  it('stores a record with a malformed name, and the records after it', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.luma.control.register({ eventId: listings.luma, name: 'A\u0000nn \ud83d\nLee', email: email('nul') })
    system.luma.control.register({ eventId: listings.luma, name: 'Bob', email: email('bob') })
    const prisma = system.app.app.get(PrismaService)
    const row = await prisma.channel.findFirstOrThrow({ where: { eventId: id, platform: 'LUMA' } })
    const channel = await system.app.app.get(ChannelStore).read(null, row.id)
    const pulled = await system.app.app.get(ChannelPull).pull(channel, 'full', { lane: 'protect' })
    expect(pulled).toMatchObject({ kind: 'DONE', orders: 2 })
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 })
    const orders = await prisma.order.findMany({ where: { eventId: id }, orderBy: { buyerName: 'asc' } })
    const [malformed, bob] = orders.map(({ buyerName }) => buyerName ?? '')
    expect(bob).toBe('Bob')
    expect(malformed).toMatch(/^A.*nn.*Lee$/)
    // Neither control characters nor lone surrogates.
    expect(malformed).not.toMatch(/[\p{Cc}\p{Cs}]/u)
    expect(await prisma.quarantinedRecord.count({ where: { eventId: id } })).toBe(0)
  })
})

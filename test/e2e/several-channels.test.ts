import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StockChannelDto } from '../../src/events/stock/stock.dto.js'
import type { EventDto } from '../../src/events/event-response.dto.js'
import { reconcile, untilInSync } from '../support/fixtures/reconcile.js'
import { startTestSystem, until, type TestSystem } from '../support/service/test-system.js'

let system: TestSystem

beforeAll(async () => {
  system = await startTestSystem()
}, 120_000)
afterAll(() => system?.close(), 60_000)

const call = async <T = unknown>(method: 'GET' | 'POST', path: string, body?: object) =>
  system.app.call<T>(method, path, { token: system.token, ...(body ? { body } : {}) })
const items = async (path: string) => {
  const response = await call<{ items: Record<string, unknown>[] }>('GET', path)
  expect(response.status).toBe(200)
  return response.body.items
}
const channelsOf = async (eventId: string) => (await system.stock(eventId)).channels
const soldOf = (channels: readonly StockChannelDto[]) => Object.fromEntries(channels.map(({ id, sold }) => [id, sold]))

describe('An event with two listings on one platform', () => {
  let eventId: string
  let lumas: [string, string]
  let ids: [string, string]

  beforeAll(async () => {
    const [one, other] = [system.list(), system.list()]
    lumas = [one.luma, other.luma]
    const channels = [
      { platform: 'LUMA', externalEventId: one.luma },
      { platform: 'LUMA', externalEventId: other.luma, weight: 2 },
      { platform: 'EVENTBRITE', externalEventId: one.eventbrite },
    ]
    eventId = await system.createEvent(100, one, { channels })
    await untilInSync(system, eventId)
    const shown = await channelsOf(eventId)
    ids = lumas.map((luma) => shown.find(({ externalEventId }) => externalEventId === luma)?.id ?? '') as typeof ids
  }, 60_000)

  it('shares the stock between them by weight, and never exposes more than the capacity', async () => {
    const shown = await channelsOf(eventId)
    // 90 outside the safety stock, by weights 1, 2 and 1.
    expect(shown.map(({ id, confirmedCap }) => [ids.indexOf(id), confirmedCap])).toEqual([
      [0, 23],
      [1, 45],
      [-1, 22],
      [-1, undefined],
    ])
    const caps = lumas.map((luma) => system.luma.control.truth(luma).cap ?? Infinity)
    expect(caps).toEqual([23, 45])
  })

  it('counts each sale on the channel that made it', async () => {
    for (const [index, luma] of lumas.entries()) {
      for (let buyer = 0; buyer <= index; buyer++)
        system.luma.control.register({ eventId: luma, name: 'Ada', email: `ada${index}${buyer}@example.com` })
    }
    await until(async () => expect(soldOf(await channelsOf(eventId))).toMatchObject({ [ids[0]]: 1, [ids[1]]: 2 }))
    const orders = await items(`/events/${eventId}/orders?platform=LUMA`)
    const sellers = orders.map(({ channelId }) => channelId)
    expect(ids.map((id) => sellers.filter((seller) => seller === id).length)).toEqual([1, 2])
    const movements = await items(`/events/${eventId}/movements?account=SOLD:LUMA`)
    expect(movements).toHaveLength(3)
    for (const { to, toChannelId } of movements) {
      expect(to).toBe('SOLD:LUMA')
      expect(ids).toContain(toChannelId)
    }
    expect((await reconcile(system, { eventId })).items).toEqual([])
  })

  it('pauses and resumes one of them by its id; the platform alone is ambiguous', async () => {
    expect(await call('POST', `/events/${eventId}/channels/LUMA/pause`)).toMatchObject({ status: 409 })
    expect(await call('POST', `/events/${eventId}/channels/${ids[0]}/pause`)).toMatchObject({ status: 200 })
    await until(async () => {
      const shown = await channelsOf(eventId)
      const modes = ids.map((id) => shown.find((channel) => channel.id === id)?.mode)
      expect(modes).toEqual(['WAITLIST_ONLY', 'OPEN'])
    })
    expect(await call('POST', `/events/${eventId}/channels/${ids[0]}/resume`)).toMatchObject({ status: 200 })
    await untilInSync(system, eventId)
  })

  it('releases safety stock to one of them', async () => {
    const path = `/events/${eventId}/safety-stock/releases`
    const release = { platform: 'LUMA', quantity: 4, reason: 'the waitlist there is long' }
    const ambiguous = await call<{ errors: { field: string }[] }>('POST', path, release)
    expect(ambiguous).toMatchObject({ status: 400, body: { errors: [{ field: 'channelId' }] } })
    const foreign = await call('POST', path, { ...release, platform: 'EVENTBRITE', channelId: ids[1] })
    expect(foreign).toMatchObject({ status: 400, body: { errors: [{ field: 'channelId' }] } })
    const requested = await call<{ id: string }>('POST', path, { ...release, channelId: ids[1] })
    expect(requested).toMatchObject({ status: 201, body: { channelId: ids[1] } })
    const [before] = (await channelsOf(eventId)).filter(({ id }) => id === ids[1])
    const admin = { email: 'second.admin@example.com', password: 'the password of another admin' }
    expect(await call('POST', '/operators', { ...admin, name: 'Nora', role: 'ADMIN' })).toMatchObject({ status: 201 })
    const token = await system.app.login(admin)
    const approved = await system.app.call('POST', `/safety-stock/releases/${requested.body.id}/approve`, { token })
    expect(approved.status).toBe(200)
    const [after] = (await channelsOf(eventId)).filter(({ id }) => id === ids[1])
    expect((after?.desiredCap ?? 0) - (before?.desiredCap ?? 0)).toBe(4)
    await untilInSync(system, eventId)
  })
})

describe('An event that sells two ticket types of one listing as channels of their own', () => {
  it('keeps the limit of each, and counts one order on both', async () => {
    const listing = system.eventbrite.control.createEvent({
      capacity: 500,
      classes: [{ capacity: 5 }, { capacity: 5 }],
    })
    const [a = '', b = ''] = listing.classes.map(({ id }) => id)
    const channels = [a, b].map((externalTicketClassId) => ({
      platform: 'EVENTBRITE',
      externalEventId: listing.id,
      externalTicketClassId,
    }))
    const created = await call<EventDto>('POST', '/events', {
      name: 'Two types',
      startsAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      capacity: 50,
      safetyStockRatio: 0.2,
      channels,
    })
    expect(created.status).toBe(201)
    const { id: eventId } = created.body
    await untilInSync(system, eventId)
    const idOf = (type: string) =>
      created.body.channels.find(({ externalTicketClassId }) => externalTicketClassId === type)?.id ?? ''
    expect((await channelsOf(eventId)).map(({ confirmedCap }) => confirmedCap)).toEqual([20, 20, undefined])

    const first = system.eventbrite.control.buy({ eventId: listing.id, ticketClassId: a, quantity: 2 })
    const second = system.eventbrite.control.buy({ eventId: listing.id, ticketClassId: b, quantity: 1 })
    expect([first.orderId, second.orderId]).not.toContain(null)
    await until(async () =>
      expect(soldOf(await channelsOf(eventId))).toMatchObject({ [idOf(a)]: 2, [idOf(b)]: 1, DIRECT: 0 }),
    )
    // A ticket that changes its type moves from one channel to the other; the total stays.
    if (first.orderId === null) throw new Error(first.reason)
    system.eventbrite.control.moveTicket(first.orderId, first.attendeeIds[0] ?? '', b)
    await until(async () => expect(soldOf(await channelsOf(eventId))).toMatchObject({ [idOf(a)]: 1, [idOf(b)]: 2 }))
    expect((await system.stock(eventId)).sold).toBe(3)
    expect((await reconcile(system, { eventId })).items).toEqual([])
  })

  it('is refused where two channels would sell the same tickets', async () => {
    const { luma } = system.list()
    const channels = [
      { platform: 'LUMA', externalEventId: luma },
      { platform: 'LUMA', externalEventId: luma, externalTicketClassId: 'type' },
    ]
    const startsAt = new Date(Date.now() + 86_400_000).toISOString()
    const refused = await call('POST', '/events', { name: 'Overlap', startsAt, capacity: 10, channels })
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'channels.1' }] } })
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EventDto } from '../../../src/events/event-response.dto.js'
import { endedEvents, liveEvents, openEvents } from '../../../src/infrastructure/prisma/live-events.js'
import { BUYER, Sales } from '../../support/fixtures/sales.js'

const HOUR = 3_600_000
const from = (ms: number) => new Date(Date.now() + ms).toISOString()

let sales: Sales
beforeAll(async () => {
  sales = await Sales.start()
})
afterAll(() => sales.stop())

type Problem = { code: string; errors?: { field: string; message: string }[] }
const call = <T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) =>
  sales.service.call<T>(method, path, { token: sales.operator.token, ...(body ? { body } : {}) })
const PLAIN = { name: 'Event', startsAt: '2030-01-01T18:00:00Z', capacity: 10 }
const create = (fields: object) => call<EventDto & Problem>('POST', '/events', { ...PLAIN, ...fields })
const patch = (id: string, body: object) => call<EventDto & Problem>('PATCH', `/events/${id}`, body)
const get = async (id: string) => (await call<EventDto>('GET', `/events/${id}`)).body

describe('The times of an event', () => {
  it('default to an end six hours after the start and to sales until the start', async () => {
    const { body } = await create({})
    expect(body).toMatchObject({ endsAt: '2030-01-02T00:00:00.000Z', salesEndAt: '2030-01-01T18:00:00.000Z' })
    const own = { endsAt: '2030-01-01T20:00:00Z', salesEndAt: '2030-01-01T12:00:00+02:00' }
    const explicit = await create(own)
    expect(explicit.body).toMatchObject({ endsAt: '2030-01-01T20:00:00.000Z', salesEndAt: '2030-01-01T10:00:00.000Z' })
    const moved = await patch(body.id, { startsAt: '2030-02-01T18:00:00Z' })
    expect(moved.body).toMatchObject({ endsAt: '2030-02-02T00:00:00.000Z', salesEndAt: '2030-02-01T18:00:00.000Z' })
    const longer = await patch(body.id, { endsAt: '2030-02-03T00:00:00Z', salesEndAt: '2030-02-02T00:00:00Z' })
    expect(longer.body).toMatchObject({ endsAt: '2030-02-03T00:00:00.000Z', salesEndAt: '2030-02-02T00:00:00.000Z' })
    expect((await create({ startsAt: '9999-12-31T23:59:59Z' })).body.endsAt).toBe('9999-12-31T23:59:59.999Z')
  })

  it.each([
    [{ endsAt: '2030-01-01T17:59:59Z' }, 'endsAt'],
    [{ salesEndAt: '2030-01-02T00:00:01Z' }, 'salesEndAt'],
    [{ endsAt: '2030-01-01T20:00:00Z', salesEndAt: '2030-01-01T21:00:00Z' }, 'salesEndAt'],
    ...[
      '2027-W10-1T10:00:00Z',
      '2027-060T10:00:00Z',
      '20270301T100000Z',
      '2027-03-01T10Z',
      '2027-03-01T10:00:00,5Z',
    ].map((startsAt) => [{ startsAt }, 'startsAt'] as const),
    [{ startsAt: '9999-12-31T23:59:59-12:00' }, 'startsAt'],
    [{ endsAt: '9999-12-31T23:59:59-12:00' }, 'endsAt'],
    [{ startsAt: 1_893_520_800_000 }, 'startsAt'],
  ] as const)('are rejected as %j', async (fields, field) => {
    const refused = await create(fields)
    expect(refused).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ field }] } })
    const { body } = await create({})
    expect(await patch(body.id, fields)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })

  it('are validated together with the stored times', async () => {
    const { body } = await create({ endsAt: '2030-01-01T20:00:00Z' })
    const late = await patch(body.id, { startsAt: '2030-01-01T21:00:00Z' })
    expect(late).toMatchObject({ status: 400, body: { errors: [{ field: 'startsAt' }] } })
    expect(await get(body.id)).toMatchObject({ startsAt: '2030-01-01T18:00:00.000Z' })
  })
})

describe('An event after the end of online sales', () => {
  it('rejects holds, confirmations and offers for customers, and accepts sales of staff at the door', async () => {
    const eventId = await sales.event({ startsAt: from(HOUR) })
    const held = await sales.createHold(eventId, { quantity: 2 })
    const door = await sales.createHold(eventId, { quantity: 1 }, sales.operator)
    const confirmed = await sales.createHold(eventId, { quantity: 1 })
    await sales.confirm(confirmed.id)
    const joined = { name: 'Jo', email: 'jo@example.com', quantity: 1 }
    const entry = await call<{ id: string }>('POST', `/events/${eventId}/waitlist`, joined)
    expect((await patch(eventId, { startsAt: from(-HOUR), endsAt: from(HOUR) })).status).toBe(200)
    expect(await sales.hold(eventId, { quantity: 1 })).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
    expect(await sales.confirm(held.id)).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
    expect(await sales.confirm(confirmed.id)).toMatchObject({ status: 200, body: { state: 'CONFIRMED' } })
    const offer = await call('POST', `/waitlist/${entry.body.id}/offer`)
    expect(offer).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
    const direct = (await call<{ channels: { platform: string; mode: string }[] }>('GET', `/events/${eventId}/stock`))
      .body
    expect(direct.channels.find(({ platform }) => platform === 'DIRECT')?.mode).toBe('WAITLIST_ONLY')
    expect(await sales.confirm(door.id, { by: sales.operator })).toMatchObject({ status: 200 })
    expect((await sales.hold(eventId, { quantity: 1 }, { by: sales.operator })).status).toBe(201)
  })

  it('starts no payment of a customer', async () => {
    const eventId = await sales.event({ startsAt: from(HOUR), priceCents: 1_000 })
    const held = await sales.createHold(eventId, { quantity: 1 })
    await patch(eventId, { startsAt: from(-HOUR), endsAt: from(HOUR) })
    const body = { buyer: BUYER, payment: { token: 'any' } }
    expect(await sales.confirm(held.id, { body })).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
    expect(await sales.prisma.payment.count({ where: { eventId } })).toBe(0)
  })

  it('rejects all sales, also by staff, once it has ended', async () => {
    const eventId = await sales.event({ startsAt: from(-2 * HOUR), endsAt: from(HOUR), safetyStockRatio: 0.1 })
    const door = await sales.createHold(eventId, { quantity: 1 }, sales.operator)
    await patch(eventId, { endsAt: from(-HOUR) })
    expect((await sales.hold(eventId, { quantity: 1 }, { by: sales.operator })).status).toBe(409)
    expect((await sales.confirm(door.id, { by: sales.operator })).status).toBe(409)
    const sale = { quantity: 1, buyer: BUYER, reason: 'at the door' }
    expect((await call('POST', `/events/${eventId}/safety-stock/sales`, sale)).status).toBe(409)
  })
})

describe('An event that ended two days ago', () => {
  const ENDED = { startsAt: from(-60 * HOUR), endsAt: from(-49 * HOUR) }

  it('has the state ENDED, is listed by it and is not among the live events', async () => {
    const ended = (await create(ENDED)).body
    const defaultEnd = (await create({ startsAt: from(-55 * HOUR) })).body
    const laterEnd = (await create({ startsAt: from(-60 * HOUR), endsAt: from(-47 * HOUR) })).body
    const closed = (await create(ENDED)).body
    await sales.prisma.event.update({ where: { id: closed.id }, data: { closedSince: new Date() } })
    expect(ended.state).toBe('ENDED')
    expect([(await get(ended.id)).state, (await get(defaultEnd.id)).state]).toEqual(['ENDED', 'ENDED'])
    expect([(await get(laterEnd.id)).state, (await get(closed.id)).state]).toEqual(['ON_SALE', 'CLOSED'])
    const listed = async (state: string) =>
      (await call<{ items: EventDto[] }>('GET', `/events?state=${state}&limit=100`)).body.items.map(({ id }) => id)
    expect(await listed('ENDED')).toEqual(expect.arrayContaining([ended.id, defaultEnd.id]))
    expect(await listed('ENDED')).not.toEqual(expect.arrayContaining([laterEnd.id]))
    expect(await listed('ON_SALE')).not.toEqual(expect.arrayContaining([ended.id]))
    expect(await listed('CLOSED')).toEqual([closed.id])
    const found = async (where: ReturnType<typeof liveEvents>) =>
      (await sales.prisma.event.findMany({ where: { AND: [where, { id: { in: all } }] } })).map(({ id }) => id)
    const all = [ended, defaultEnd, laterEnd, closed].map(({ id }) => id)
    const now = new Date()
    expect(await found(liveEvents(now))).toEqual([laterEnd.id])
    expect(await found(openEvents(now))).toEqual([laterEnd.id])
    expect((await found(endedEvents(now))).toSorted()).toEqual([ended.id, defaultEnd.id].toSorted())
  })

  it('cannot be paused, reopened or resized, and becomes live when its end is moved', async () => {
    const { id } = (await create(ENDED)).body
    for (const action of ['pause', 'resume', 'reopen']) {
      expect((await call('POST', `/events/${id}/${action}`)).status, action).toBe(409)
    }
    expect((await patch(id, { capacity: 20 })).status).toBe(409)
    expect(await patch(id, { startsAt: from(HOUR), endsAt: from(2 * HOUR) })).toMatchObject({
      status: 200,
      body: { state: 'ON_SALE' },
    })
    expect((await patch(id, { capacity: 20 })).status).toBe(200)
  })
})

describe('A listing', () => {
  let listing: number
  beforeEach(() => {
    listing = Math.floor(Math.random() * 1e12)
  })
  const on = (externalTicketClassId?: string, platform = 'EVENTBRITE') => ({
    channels: [
      { platform, externalEventId: String(listing), ...(externalTicketClassId ? { externalTicketClassId } : {}) },
    ],
  })
  const conflict = { status: 409, body: { code: 'STATE_CONFLICT' } }

  it('belongs to one event, either completely or by ticket type', async () => {
    expect((await create(on('one'))).status).toBe(201)
    expect(await create(on())).toMatchObject(conflict)
    expect(await create(on('one'))).toMatchObject(conflict)
    expect((await create(on('two'))).status).toBe(201)
    expect((await create(on(undefined, 'LUMA'))).status).toBe(201)
    expect(await create(on('one', 'LUMA'))).toMatchObject(conflict)
  })

  it('is assigned to one of several concurrent events', async () => {
    const responses = await Promise.all([on(), on('a'), on('b'), on(), on('c')].map((fields) => create(fields)))
    const created = responses.flatMap(({ status }, index) => (status === 201 ? [index] : []))
    expect(responses.map(({ status }) => status).filter((status) => status !== 201 && status !== 409)).toEqual([])
    const complete = created.filter((index) => index === 0 || index === 3)
    // Either one event has the complete listing, or three events have one ticket type each.
    expect(created).toEqual(complete.length > 0 ? complete.slice(0, 1) : [1, 2, 4])
  })

  it('is detached from a closed or ended event when another event claims it', async () => {
    const first = (await create(on('one'))).body
    await call('POST', `/events/${first.id}/close`)
    const second = await create({ ...on(), startsAt: from(-60 * HOUR), endsAt: from(-49 * HOUR) })
    expect(second.status).toBe(201)
    const third = await create(on())
    expect(third.status).toBe(201)
    const channels = await sales.prisma.channel.findMany({ where: { externalEventId: String(listing) } })
    const detached = Object.fromEntries(channels.map((channel) => [channel.eventId, channel.detachedAt !== null]))
    expect(detached).toEqual({ [first.id]: true, [second.body.id]: true, [third.body.id]: false })
    expect(await patch(second.body.id, { startsAt: from(HOUR), endsAt: from(2 * HOUR) })).toMatchObject(conflict)
    expect(await create(on('one'))).toMatchObject(conflict)
  })

  it.each(['309000777!chp', 'a:b/c+d=e@f', 'ein Abend – äöü 🎟', 'x'.repeat(200)])(
    'can have the id %s',
    async (name) => {
      const channels = [{ platform: 'MEETUP', externalEventId: name, externalTicketClassId: name }]
      const response = await create({ channels })
      expect(response).toMatchObject({ status: 201, body: { channels } })
    },
  )

  it.each(['', 'x'.repeat(201), 'a\nb', 'a\u009fb', 7, null])('cannot have the id %j', async (externalEventId) => {
    const refused = await create({ channels: [{ platform: 'MEETUP', externalEventId }] })
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'channels.0.externalEventId' }] } })
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { SeatStore } from '../../../src/seats/seat-store.js'
import type { TestApp } from '../../support/service/app.js'
import { Sales, tally, type Person } from '../../support/fixtures/sales.js'

let sales: Sales
let second: TestApp
let rival: Person

beforeAll(async () => {
  sales = await Sales.start()
  second = await sales.startInstance()
  rival = await sales.buyer()
})

afterAll(async () => {
  await second?.close()
  await sales?.stop()
})

afterEach(() => {
  vi.restoreAllMocks()
  sales.setClock(() => new Date())
})

const HALL = [
  { section: 'Stalls', rows: [{ row: 'B', count: 2 }, { row: 'A', count: 11 }] },
  { section: 'Box-1', rows: [{ row: 1, count: 1 }] },
] // prettier-ignore
const HALL_SEATS = [
  'Stalls-B-1',
  'Stalls-B-2',
  ...Array.from({ length: 11 }, (_, index) => `Stalls-A-${index + 1}`),
  'Box-1-1-1',
]

async function seats(eventId: string): Promise<{ seat: string; state: string }[]> {
  const { status, body } = await sales.service.call<{ items: { seat: string; state: string }[] }>(
    'GET',
    `/events/${eventId}/seats`,
    { token: sales.customer.token },
  )
  expect(status).toBe(200)
  return body.items
}

async function stateOf(eventId: string, seat: string): Promise<string | undefined> {
  return (await seats(eventId)).find((item) => item.seat === seat)?.state
}

describe('A seat chart', () => {
  it('is returned in its own order', async () => {
    const eventId = await sales.event({ seats: HALL })
    expect(await seats(eventId)).toEqual(HALL_SEATS.map((seat) => ({ seat, state: 'AVAILABLE' })))
    expect(await seats(await sales.event())).toEqual([])
    const unknown = await sales.service.call('GET', '/events/evt_none/seats', { token: sales.customer.token })
    expect(unknown.status).toBe(404)
  })

  it('is created with 50,000 seats', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => ({ row: `R${index}`, count: 100 }))
    const eventId = await sales.event({ capacity: 50_000, seats: [{ section: 'Arena', rows }] })
    const all = await seats(eventId)
    expect(all).toHaveLength(50_000)
    expect(all[49_999]).toEqual({ seat: 'Arena-R499-100', state: 'AVAILABLE' })
  })

  it.each([
    ['more seats than the capacity', { capacity: 13, seats: HALL }, 'seats'],
    ['more than 50,000', { capacity: 60_000, seats: [{ section: 'A', rows: [{ row: '1', count: 50_000 }, { row: '2', count: 1 }] }] }, 'seats'],
    ['a duplicate label', { seats: [{ section: 'A', rows: [{ row: '1', count: 1 }, { row: '1', count: 2 }] }] }, 'seats'],
    ['a duplicate label due to dashes', { seats: [{ section: 'A-1', rows: [{ row: '1', count: 1 }] }, { section: 'A', rows: [{ row: '1-1', count: 1 }] }] }, 'seats'],
    ['no rows', { seats: [{ section: 'A', rows: [] }] }, 'seats.0.rows'],
    ['an empty row', { seats: [{ section: 'A', rows: [{ row: '1', count: 0 }] }] }, 'seats.0.rows.0.count'],
    ['a nameless section', { seats: [{ section: '', rows: [{ row: '1', count: 1 }] }] }, 'seats.0.section'],
  ])('is rejected with %s', async (_name, fields, field) => {
    const body = { name: 'Hall', startsAt: '2030-01-01T18:00:00Z', capacity: 100, ...fields }
    const refused = await sales.service.call<{ errors: { field: string }[] }>('POST', '/events', {
      token: sales.operator.token,
      body,
    })
    expect(refused.status).toBe(400)
    expect(refused.body.errors.map((error) => error.field)).toEqual([field])
  }) // prettier-ignore
})

describe('Seats', () => {
  it('are held all or none, sold with their tickets, and available again after a release or expiry', async () => {
    const eventId = await sales.event({ capacity: 14, seats: HALL })
    const hold = await sales.createHold(eventId, { seats: ['Stalls-A-7', 'Box-1-1-1'] })
    expect(hold).toMatchObject({ quantity: 2, seats: ['Stalls-A-7', 'Box-1-1-1'] })
    const conflict = await sales.hold(eventId, { seats: ['Stalls-A-8', 'Stalls-A-7'] }, { by: rival })
    expect([conflict.status, conflict.body.code]).toEqual([409, 'SEAT_TAKEN'])
    expect(await stateOf(eventId, 'Stalls-A-8')).toBe('AVAILABLE')
    expect(await stateOf(eventId, 'Stalls-A-7')).toBe('HELD')

    const confirmed = await sales.confirm(hold.id)
    expect(confirmed.body.tickets?.map(({ seat }) => seat)).toEqual(['Stalls-A-7', 'Box-1-1-1'])
    expect(await stateOf(eventId, 'Stalls-A-7')).toBe('SOLD')
    expect((await sales.hold(eventId, { seats: ['Stalls-A-7'] }, { by: rival })).body.code).toBe('SEAT_TAKEN')

    const released = await sales.createHold(eventId, { seats: ['Stalls-B-1'] })
    await sales.release(released.id)
    expect((await sales.createHold(eventId, { seats: ['Stalls-B-1'], ttlSeconds: 60 }, rival)).seats).toEqual([
      'Stalls-B-1',
    ])
    sales.setClock(() => new Date(Date.now() + 61_000))
    await sales.service.app.get(HoldExpiry).sweep()
    expect(await stateOf(eventId, 'Stalls-B-1')).toBe('AVAILABLE')
    expect((await sales.hold(eventId, { seats: ['Stalls-B-1'] })).status).toBe(201)
    await sales.expectSound(eventId)
  })

  it('must exist and be named in the request', async () => {
    const eventId = await sales.event({ seats: HALL })
    const unknown = await sales.hold(eventId, { seats: ['Stalls-A-7', 'Stalls-A-12'] })
    expect([unknown.status, unknown.body.code]).toEqual([404, 'NOT_FOUND'])
    const unnamed = await sales.hold(eventId, { quantity: 1 })
    expect([unnamed.status, unnamed.body.errors?.[0]?.field]).toEqual([400, 'seats'])
    expect((await sales.hold(await sales.event(), { seats: ['A-1-1'] })).status).toBe(404)
    expect((await sales.expectSound(eventId)).HELD).toBe(0)
  })

  it('cannot be held beyond the available stock', async () => {
    const eventId = await sales.event({ capacity: 14, safetyStockRatio: 0.8, seats: HALL })
    const responses = await Promise.all(HALL_SEATS.map((seat) => sales.holdWithRetries(eventId, { seats: [seat] })))
    expect(tally(responses)).toEqual({ '201': 2, '409 SOLD_OUT': 12 })
    const safety = await sales.hold(eventId, { seats: ['Box-1-1-1'], source: 'SAFETY_STOCK' }, { by: sales.admin })
    expect(safety.status).toBe(201)
    await sales.expectSound(eventId)
  })

  it('are each held by one of two concurrent buyers, across two processes', async () => {
    const chart = [{ section: 'S', rows: [{ row: '1', count: 200 }] }]
    const eventId = await sales.event({ capacity: 200, seats: chart })
    const requests = Array.from({ length: 200 }, (_, index) => `S-1-${index + 1}`).flatMap((seat) => [
      { seat, by: sales.customer, on: sales.service },
      { seat, by: rival, on: second },
    ])
    const responses = await Promise.all(
      requests
        .toSorted(() => Math.random() - 0.5)
        .map(({ seat, by, on }) => sales.holdWithRetries(eventId, { seats: [seat] }, { by, on })),
    )
    expect(tally(responses)).toEqual({ '201': 200, '409 SEAT_TAKEN': 200 })
    const winners = responses.filter(({ status }) => status === 201).map(({ body }) => body.id)
    expect(new Set(winners).size).toBe(200)
    expect((await sales.expectSound(eventId)).HELD).toBe(200)
  })

  it('are held in pairs that are never split by overlapping requests', async () => {
    const chart = [{ section: 'S', rows: [{ row: '1', count: 40 }] }]
    const eventId = await sales.event({ capacity: 40, seats: chart })
    const pairs = Array.from({ length: 39 }, (_, index) => [`S-1-${index + 1}`, `S-1-${index + 2}`])
    const responses = await Promise.all(
      [...pairs, ...pairs].map((pair, index) =>
        sales.holdWithRetries(eventId, { seats: pair }, { on: index % 2 ? second : sales.service }),
      ),
    )
    const held = responses.filter(({ status }) => status === 201).flatMap(({ body }) => body.seats)
    expect(new Set(held).size).toBe(held.length)
    expect((await sales.expectSound(eventId)).HELD).toBe(held.length)
  })
})

describe('Lists of seats', () => {
  const get = (
    eventId: string,
    { on = sales.service, headers = {} }: { on?: TestApp; headers?: Record<string, string> } = {},
  ) =>
    on.call<{ items: { seat: string; state: string }[] }>('GET', `/events/${eventId}/seats`, {
      token: sales.customer.token,
      headers,
    })

  it('are read once for many requests, and again after a change in any process', async () => {
    const eventId = await sales.event({ capacity: 14, seats: HALL })
    const reads = vi.spyOn(sales.service.app.get(SeatStore), 'list')
    const responses = await Promise.all(Array.from({ length: 50 }, () => get(eventId)))
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(50)
    expect(reads).toHaveBeenCalledTimes(1)
    for (const { body } of responses) expect(body.items).toHaveLength(14)

    const stateIn = async (on: TestApp) => (await get(eventId, { on })).body.items[0]?.state
    expect([await stateIn(sales.service), await stateIn(second)]).toEqual(['AVAILABLE', 'AVAILABLE'])
    const { body: hold } = await sales.hold(eventId, { seats: ['Stalls-B-1'] }, { on: second })
    expect([await stateIn(sales.service), await stateIn(second)]).toEqual(['HELD', 'HELD'])
    await sales.confirm(hold.id)
    expect([await stateIn(sales.service), await stateIn(second)]).toEqual(['SOLD', 'SOLD'])
    expect(reads).toHaveBeenCalledTimes(3)
  })

  it('would be out of date if their version did not grow with each change', async () => {
    const eventId = await sales.event({ capacity: 14, seats: HALL })
    vi.spyOn(sales.service.app.get(SeatStore), 'version').mockResolvedValue(0)
    expect(await stateOf(eventId, 'Stalls-B-1')).toBe('AVAILABLE')
    await sales.createHold(eventId, { seats: ['Stalls-B-1'] })
    expect(await stateOf(eventId, 'Stalls-B-1')).toBe('AVAILABLE')
    vi.restoreAllMocks()
    expect(await stateOf(eventId, 'Stalls-B-1')).toBe('HELD')
  })

  it('are not sent again to those who have them, by any process', async () => {
    const eventId = await sales.event({ capacity: 14, seats: HALL })
    const first = await get(eventId)
    const etag = String(first.headers['etag'])
    expect(first.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'private, no-cache',
    })
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(eventId, { on: second, headers: { 'if-none-match': tags } })
      expect([again.status, again.headers['etag'], again.body], tags).toEqual([304, etag, undefined])
    }
    await sales.createHold(eventId, { seats: ['Stalls-B-1'] })
    const changed = await get(eventId, { headers: { 'if-none-match': etag } })
    expect([changed.status, changed.body.items[0]?.state]).toEqual([200, 'HELD'])
    expect(changed.headers['etag']).not.toBe(etag)
  })
})

describe('The database constraints', () => {
  it('reject a second hold and a second ticket for a seat', async () => {
    const eventId = await sales.event({ seats: HALL })
    const hold = await sales.createHold(eventId, { seats: ['Stalls-A-1'] })
    const other = await sales.createHold(eventId, { seats: ['Stalls-A-2'] })
    const { prisma } = sales
    const claim = { eventId, seat: 'Stalls-A-1', holdId: other.id }
    await expect(prisma.seatClaim.create({ data: claim })).rejects.toMatchObject({ code: 'P2002' })
    await sales.confirm(hold.id)
    const [ticket] = await prisma.ticket.findMany({ where: { eventId, seat: 'Stalls-A-1' } })
    const copy = {
      id: 'tkt_copy',
      orderId: ticket?.orderId ?? '',
      eventId,
      platform: 'DIRECT',
      seat: 'Stalls-A-1',
      state: 'VALID',
    } as const
    await expect(prisma.ticket.create({ data: copy })).rejects.toMatchObject({ code: 'P2002' })
  })

  it('reject a second resolution and a changed quantity of a hold', async () => {
    const eventId = await sales.event()
    const { id } = await sales.createHold(eventId, { quantity: 2 })
    const { prisma } = sales
    await expect(
      prisma.$executeRaw`UPDATE holds SET quantity = 3, from_allocated = 3 WHERE id = ${id}`,
    ).rejects.toThrow('is HELD already')
    await sales.release(id)
    await expect(prisma.$executeRaw`UPDATE holds SET state = 'EXPIRED' WHERE id = ${id}`).rejects.toThrow(
      'is RELEASED already',
    )
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { BUYER, Sales, tally } from '../../support/fixtures/sales.js'

let sales: Sales

beforeAll(async () => {
  sales = await Sales.start()
})

afterAll(() => sales?.stop())

afterEach(() => sales.setClock(() => new Date()))

const later = (seconds: number) => sales.setClock(() => new Date(Date.now() + seconds * 1000))

describe('A hold', () => {
  it('reserves tickets and is returned by its id', async () => {
    const eventId = await sales.event()
    const before = Date.now()
    const hold = await sales.createHold(eventId, { quantity: 3 })
    expect(hold).toMatchObject({ eventId, state: 'HELD', quantity: 3, seats: [] })
    expect(Date.parse(hold.expiresAt) - before).toBeGreaterThanOrEqual(300_000)
    expect(Date.parse(hold.expiresAt) - before).toBeLessThan(310_000)
    expect((await sales.get(hold.id)).body).toEqual(hold)
    const stock = await sales.service.call('GET', `/events/${eventId}/stock`, { token: sales.admin.token })
    expect(stock.body).toMatchObject({ sold: 0, held: 3, available: 97 })
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 3, 'ALLOCATED:DIRECT': 97 })
  })

  it.each([
    [{}, 'quantity'],
    [{ quantity: 1, seats: ['A-1-1'] }, 'seats'],
    [{ quantity: 0 }, 'quantity'],
    [{ quantity: 1.5 }, 'quantity'],
    [{ quantity: '1' }, 'quantity'],
    [{ quantity: null }, 'quantity'],
    [{ seats: [] }, 'seats'],
    [{ seats: ['A-1-1', 'A-1-1'] }, 'seats'],
    [{ quantity: 1, ttlSeconds: 0 }, 'ttlSeconds'],
    [{ quantity: 1, ttlSeconds: 301 }, 'ttlSeconds'],
    [{ quantity: 1, source: 'MINE' }, 'source'],
    [{ quantity: 1, price: 0 }, 'price'],
  ])('is rejected with 400 for %j', async (body, field) => {
    const response = await sales.hold(await sales.event(), body)
    expect([response.status, response.body.code]).toEqual([400, 'VALIDATION_FAILED'])
    expect(response.body.errors?.map((error) => error.field)).toEqual([field])
  })

  it('can last up to a day for staff', async () => {
    const eventId = await sales.event()
    const { expiresAt } = await sales.createHold(eventId, { quantity: 1, ttlSeconds: 86_400 }, sales.operator)
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(86_000_000)
    expect((await sales.hold(eventId, { quantity: 1, ttlSeconds: 86_401 }, { by: sales.operator })).status).toBe(400)
  })

  it('is rejected for an unknown event and for one that is not on sale', async () => {
    expect((await sales.hold('evt_none', { quantity: 1 })).status).toBe(404)
    for (const action of ['pause', 'close']) {
      const eventId = await sales.event()
      await sales.service.call('POST', `/events/${eventId}/${action}`, { token: sales.admin.token })
      for (const by of [sales.customer, sales.admin]) {
        const refused = await sales.hold(eventId, { quantity: 1 }, { by })
        expect([refused.status, refused.body.code]).toEqual([409, 'STATE_CONFLICT'])
      }
      await sales.expectSound(eventId)
    }
  })

  it('is accessible to its owner only, except that staff can read and release it', async () => {
    const eventId = await sales.event()
    const { id } = await sales.createHold(eventId, { quantity: 1 })
    const other = await sales.buyer()
    expect((await sales.get(id, other)).status).toBe(404)
    expect((await sales.release(id, { by: other })).status).toBe(404)
    expect((await sales.confirm(id, { by: other })).status).toBe(404)
    const viewer = await sales.staff('VIEWER')
    expect((await sales.get(id, viewer)).status).toBe(200)
    expect((await sales.release(id, { by: viewer })).status).toBe(403)
    expect((await sales.confirm(id, { by: sales.operator })).status).toBe(403)
    expect((await sales.release(id, { by: sales.operator })).status).toBe(204)
    const audit = await sales.prisma.auditEntry.findFirst({ where: { subject: id, action: 'hold.release' } })
    expect(audit).toMatchObject({ actorId: sales.operator.id, before: { state: 'HELD' }, after: { state: 'RELEASED' } })
    expect((await sales.expectSound(eventId)).HELD).toBe(0)
  })

  it('counts against the personal limit of a customer while it is active', async () => {
    const eventId = await sales.event({ maxHeldPerCustomer: 4 })
    const responses = await Promise.all(Array.from({ length: 20 }, () => sales.hold(eventId, { quantity: 2 })))
    expect(tally(responses)).toEqual({ '201': 2, '409 STATE_CONFLICT': 18 })
    expect((await sales.hold(eventId, { quantity: 4 }, { by: await sales.buyer() })).status).toBe(201)
    expect((await sales.hold(eventId, { quantity: 50 }, { by: sales.operator })).status).toBe(201)
    const first = responses.find(({ status }) => status === 201)
    await sales.release(first?.body.id ?? '')
    expect((await sales.hold(eventId, { quantity: 3 })).status).toBe(409)
    expect((await sales.hold(eventId, { quantity: 2 })).status).toBe(201)
    await sales.expectSound(eventId)
  })
})

describe('An idempotency key', () => {
  it('creates one hold for repeated and concurrent requests', async () => {
    const eventId = await sales.event({ capacity: 3 })
    const send = () => sales.hold(eventId, { quantity: 3 }, { key: 'once' })
    const responses = [...(await Promise.all(Array.from({ length: 30 }, send))), await send()]
    expect(tally(responses)).toEqual({ '201': 1, '200': 30 })
    expect(new Set(responses.map(({ body }) => body.id)).size).toBe(1)
    expect((await sales.expectSound(eventId)).HELD).toBe(3)
  })

  it('rejects another body, also in a concurrent request', async () => {
    const eventId = await sales.event()
    const responses = await Promise.all([1, 2, 1, 2].map((quantity) => sales.hold(eventId, { quantity }, { key: 'k' })))
    expect(tally(responses)).toEqual({ '201': 1, '200': 1, '409 IDEMPOTENCY_CONFLICT': 2 })
    expect((await sales.hold(eventId, { quantity: 5 }, { key: 'k' })).body.code).toBe('IDEMPOTENCY_CONFLICT')
    await sales.expectSound(eventId)
  })

  it('belongs to one account and one event, has a maximum length, and returns the hold after its end', async () => {
    const eventId = await sales.event()
    const mine = await sales.hold(eventId, { quantity: 1 }, { key: 'key' })
    const theirs = await sales.hold(eventId, { quantity: 2 }, { key: 'key', by: await sales.buyer() })
    const elsewhere = await sales.hold(await sales.event(), { quantity: 2 }, { key: 'key' })
    expect([mine, theirs, elsewhere].map(({ status }) => status)).toEqual([201, 201, 201])
    expect((await sales.hold(eventId, { quantity: 1 }, { key: 'x'.repeat(201) })).status).toBe(400)
    expect((await sales.hold(eventId, { quantity: 1 }, { key: 'x'.repeat(200) })).status).toBe(201)
    await sales.release(mine.body.id)
    const again = await sales.hold(eventId, { quantity: 1 }, { key: 'key' })
    expect([again.status, again.body.id, again.body.state]).toEqual([200, mine.body.id, 'RELEASED'])
  })

  it('expires after a day', async () => {
    const eventId = await sales.event()
    const first = await sales.hold(eventId, { quantity: 1 }, { key: 'daily' })
    await sales.prisma.hold.update({
      where: { id: first.body.id },
      data: { createdAt: new Date(Date.now() - 86_400_001) },
    })
    const responses = await Promise.all([1, 1].map((quantity) => sales.hold(eventId, { quantity }, { key: 'daily' })))
    expect(tally(responses)).toEqual({ '201': 1, '200': 1 })
    expect(responses[0]?.body.id).not.toBe(first.body.id)
    expect((await sales.expectSound(eventId)).HELD).toBe(2)
  })
})

describe('POST /holds/:id/confirm', () => {
  it('creates tickets with unique codes once for concurrent requests', async () => {
    const eventId = await sales.event()
    const { id } = await sales.createHold(eventId, { quantity: 3 })
    const responses = await Promise.all(Array.from({ length: 10 }, () => sales.confirm(id)))
    expect(tally(responses)).toEqual({ '200': 10 })
    const tickets = responses[0]?.body.tickets ?? []
    expect(tickets.map(({ code }) => code)).toEqual(Array(3).fill(expect.stringMatching(/^[\w-]{24}$/)))
    for (const { body } of responses) expect(body).toMatchObject({ state: 'CONFIRMED', tickets })
    expect((await sales.get(id)).body.tickets).toEqual(tickets)
    expect(await sales.prisma.order.findMany({ where: { eventId } })).toMatchObject([
      { platform: 'DIRECT', state: 'PLACED', quantity: 3, buyerName: BUYER.name, buyerEmail: BUYER.email },
    ])
    expect((await sales.release(id)).body).toMatchObject({ status: 409, code: 'STATE_CONFLICT' })
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 3 })
  })

  it('returns 400 without a valid buyer', async () => {
    const { id } = await sales.createHold(await sales.event(), { quantity: 1 })
    for (const body of [{}, { buyer: [] }, { buyer: { name: 'Jane' } }, { buyer: { name: '', email: 'x' } }]) {
      expect((await sales.confirm(id, { body })).status).toBe(400)
    }
  })

  it('returns 410 and releases the tickets of an overdue hold that has not been expired yet', async () => {
    const eventId = await sales.event()
    const { id } = await sales.createHold(eventId, { quantity: 2, ttlSeconds: 1 })
    later(2)
    const response = await sales.confirm(id)
    expect([response.status, response.body.code]).toEqual([410, 'HOLD_EXPIRED'])
    expect((await sales.confirm(id)).status).toBe(410)
    expect((await sales.release(id)).status).toBe(204)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'ALLOCATED:DIRECT': 100 })
  })

  it('succeeds while the event is paused, and returns 409 once it is closed', async () => {
    const eventId = await sales.event()
    const [one, other] = [
      await sales.createHold(eventId, { quantity: 1 }),
      await sales.createHold(eventId, { quantity: 1 }),
    ]
    await sales.service.call('POST', `/events/${eventId}/pause`, { token: sales.admin.token })
    expect((await sales.confirm(one.id)).status).toBe(200)
    await sales.service.call('POST', `/events/${eventId}/close`, { token: sales.admin.token })
    expect((await sales.confirm(other.id)).body.code).toBe('STATE_CONFLICT')
    await sales.expectSound(eventId)
  })

  it('returns 400 without a payment for a priced event', async () => {
    const eventId = await sales.event({ priceCents: 1500, currency: 'EUR' })
    const { id } = await sales.createHold(eventId, { quantity: 1 })
    const unpaid = await sales.confirm(id)
    expect([unpaid.status, unpaid.body.errors?.[0]?.field]).toEqual([400, 'payment'])
    expect((await sales.get(id)).body.state).toBe('HELD')
    await sales.expectSound(eventId)
  })
})

describe('The release or expiry of a hold', () => {
  it('returns the units to the accounts that they came from', async () => {
    const eventId = await sales.event({ capacity: 20, safetyStockRatio: 0.25, directWeight: 1 })
    const direct = await sales.createHold(eventId, { quantity: 10 })
    const safety = await sales.createHold(eventId, { quantity: 2, source: 'SAFETY_STOCK' }, sales.operator)
    expect(await sales.expectSound(eventId)).toMatchObject({ 'ALLOCATED:DIRECT': 5, SAFETY: 3, HELD: 12 })
    expect((await sales.release(direct.id)).status).toBe(204)
    expect((await sales.release(direct.id)).status).toBe(204)
    expect((await sales.release(safety.id, { by: sales.operator })).status).toBe(204)
    expect(await sales.expectSound(eventId)).toMatchObject({ 'ALLOCATED:DIRECT': 15, SAFETY: 5, HELD: 0 })
  })

  it('happens automatically in the second in which the hold ends', async () => {
    const worker = await sales.startInstance()
    const eventId = await sales.event({ capacity: 5 })
    worker.app.get(BackgroundTasks).start(HoldExpiry)
    await sleep(300)
    const { id } = await sales.createHold(eventId, { quantity: 5, ttlSeconds: 1 })
    expect((await sales.hold(eventId, { quantity: 1 })).body.code).toBe('SOLD_OUT')
    const deadline = Date.now() + 3_500
    const state = async () => (await sales.prisma.hold.findUniqueOrThrow({ where: { id } })).state
    while ((await state()) === 'HELD' && Date.now() < deadline) await sleep(50)
    expect(await state()).toBe('EXPIRED')
    await worker.close()
    expect((await sales.hold(eventId, { quantity: 5 })).status).toBe(201)
    await sales.expectSound(eventId)
  })

  it('happens when an overdue hold is read', async () => {
    const eventId = await sales.event()
    const { id } = await sales.createHold(eventId, { quantity: 5, ttlSeconds: 1 })
    later(2)
    expect((await sales.get(id)).body.state).toBe('EXPIRED')
    expect((await sales.expectSound(eventId)).HELD).toBe(0)
  })
})

describe('A hold from the safety stock', () => {
  it('is limited to staff and to the safety stock', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const refused = await sales.hold(eventId, { quantity: 1, source: 'SAFETY_STOCK' })
    expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN'])
    const tooMany = await sales.hold(eventId, { quantity: 11, source: 'SAFETY_STOCK' }, { by: sales.operator })
    expect(tooMany.body.code).toBe('SOLD_OUT')
  })
})

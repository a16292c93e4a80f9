import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CapWriteJournal } from '../../src/channels/sync/cap-write-journal.js'
import { SoftCap } from '../../src/channels/soft-cap.js'
import { eventOnLuma, syncChannel } from '../support/fixtures/imported-listing.js'
import { BUYER, Sales, tally, type Person, type Ticket } from '../support/fixtures/sales.js'

let sales: Sales
let requester: Person

beforeAll(async () => {
  sales = await Sales.start()
  requester = await sales.staff('ADMIN')
})

afterAll(() => sales?.stop())

interface Release {
  id: string
  state: string
  code?: string
}

const SALE = { quantity: 2, buyer: BUYER, reason: 'guests of the band' }

function sell(eventId: string, body: object = SALE, by: Person = sales.operator, key?: string) {
  const path = `/events/${eventId}/safety-stock/sales`
  return sales.service.call<{ orderId: string; tickets: Ticket[]; code?: string }>('POST', path, {
    token: by.token,
    body,
    headers: key === undefined ? {} : { 'idempotency-key': key },
  })
}

function requestRelease(eventId: string, body: object, by: Person = sales.operator) {
  return sales.service.call<Release>('POST', `/events/${eventId}/safety-stock/releases`, { token: by.token, body })
}

function decide(id: string, action: 'approve' | 'reject', by: Person = sales.admin) {
  return sales.service.call<Release>('POST', `/safety-stock/releases/${id}/${action}`, { token: by.token })
}

const act = (eventId: string, action: string) =>
  sales.service.call('POST', `/events/${eventId}/${action}`, { token: sales.admin.token })

describe('A sale from the safety stock', () => {
  it('is recorded on DIRECT at once, with its actor and reason', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const sold = await sell(eventId)
    expect(sold.status).toBe(201)
    expect(sold.body.tickets).toHaveLength(2)
    const stock = await sales.service.call('GET', `/events/${eventId}/stock`, { token: sales.admin.token })
    expect(stock.body).toMatchObject({ sold: 2, safetyStock: { total: 10, remaining: 8 } })
    const [movement] = await sales.prisma.stockMovement.findMany({
      where: { eventId, to: 'SOLD:DIRECT' },
      include: { operation: true },
    })
    expect(movement).toMatchObject({ from: 'SAFETY', quantity: 2 })
    expect(movement?.operation).toMatchObject({
      reason: 'safety stock sale: guests of the band',
      actor: sales.operator.email,
    })
    const audit = await sales.prisma.auditEntry.findFirst({ where: { subject: sold.body.orderId } })
    expect(audit).toMatchObject({ actorId: sales.operator.id, action: 'safety-stock.sell' })
    await sales.expectSound(eventId)
  })

  it('is limited to the safety stock, also for concurrent requests', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const responses = await Promise.all(Array.from({ length: 20 }, () => sell(eventId, { ...SALE, quantity: 3 })))
    expect(tally(responses)).toEqual({ '201': 3, '409 SOLD_OUT': 17 })
    expect((await sales.expectSound(eventId)).SAFETY).toBe(1)
  })

  it('is made once for repeated and concurrent requests with one Idempotency-Key', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const send = () => sell(eventId, SALE, sales.operator, 'once')
    const mails = await sales.prisma.mail.count()
    const responses = [...(await Promise.all(Array.from({ length: 8 }, send))), await send()]
    expect(tally(responses)).toEqual({ '201': 1, '200': 8 })
    expect(new Set(responses.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect((await sales.expectSound(eventId)).SAFETY).toBe(8)
    expect(await sales.prisma.order.count({ where: { eventId } })).toBe(1)
    expect(await sales.prisma.mail.count()).toBe(mails + 1)
  })

  it('conflicts with another one under its Idempotency-Key, which is valid for a day, one event and one user', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    expect((await sell(eventId, SALE, sales.operator, 'key')).status).toBe(201)
    for (const change of [{ quantity: 1 }, { reason: 'another' }, { buyer: { ...BUYER, name: 'Eve' } }]) {
      const refused = await sell(eventId, { ...SALE, ...change }, sales.operator, 'key')
      expect(refused).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_CONFLICT' } })
    }
    for (const key of ['', 'x'.repeat(201)]) {
      expect((await sell(eventId, SALE, sales.operator, key)).status).toBe(400)
    }
    expect((await sell(eventId, SALE, sales.admin, 'key')).status).toBe(201)
    expect((await sell(await sales.event({ safetyStockRatio: 0.1 }), SALE, sales.operator, 'key')).status).toBe(201)
    const yesterday = new Date(Date.now() - 86_400_000)
    await sales.prisma.safetySaleKey.updateMany({ where: { eventId }, data: { createdAt: yesterday } })
    expect((await sell(eventId, { ...SALE, quantity: 1 }, sales.operator, 'key')).status).toBe(201)
    expect((await sales.expectSound(eventId)).SAFETY).toBe(5)
  })

  it('that was refused leaves its Idempotency-Key unused', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    await act(eventId, 'pause')
    expect((await sell(eventId, SALE, sales.operator, 'later')).body.code).toBe('STATE_CONFLICT')
    await act(eventId, 'resume')
    expect((await sell(eventId, SALE, sales.operator, 'later')).status).toBe(201)
  })

  it('requires an operator, a reason and an event that is neither paused nor closed', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    expect((await sell(eventId, SALE, sales.customer)).status).toBe(403)
    for (const reason of ['', '   ', undefined]) expect((await sell(eventId, { ...SALE, reason })).status).toBe(400)
    expect((await sell('evt_none')).status).toBe(404)
    await act(eventId, 'pause')
    expect((await sell(eventId)).body.code).toBe('STATE_CONFLICT')
    await act(eventId, 'resume')
    expect((await sell(eventId)).status).toBe(201)
    await act(eventId, 'close')
    expect((await sell(eventId)).body.code).toBe('STATE_CONFLICT')
  })

  it('succeeds after the red alarm, when customers cannot hold units without a channel', async () => {
    const { eventId } = await eventOnLuma(sales, { softCapRatio: 0.05, directWeight: 0 })
    await sales.prisma.channel.updateMany({ where: { eventId }, data: { desiredCap: 50 } })
    await syncChannel(sales, eventId, (await sales.prisma.channel.findFirstOrThrow({ where: { eventId } })).id)
    expect((await sales.balances(eventId)).UNALLOCATED).toBe(40)
    const { id } = await sales.createHold(eventId, { quantity: 5 })
    expect((await sales.confirm(id)).status).toBe(200)
    await sales.service.app.get(SoftCap).check(eventId)
    expect((await sales.hold(eventId, { quantity: 1 })).body.code).toBe('SOLD_OUT')
    expect((await sales.hold(eventId, { quantity: 1 }, { by: sales.operator })).status).toBe(201)
    expect((await sell(eventId)).status).toBe(201)
    await sales.expectSound(eventId)
  })
})

describe('A release of safety stock to a platform', () => {
  it('raises the desired cap there, with units that are reserved for it', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const requested = await requestRelease(eventId, { platform: 'LUMA', quantity: 4, reason: 'they sell best' })
    expect(requested).toMatchObject({ status: 201, body: { state: 'PENDING' } })
    expect((await sales.balances(eventId)).SAFETY).toBe(10)
    expect((await decide(requested.body.id, 'approve')).body.state).toBe('APPROVED')
    const { id, desiredCap, desiredMode } = await channel()
    expect({ desiredCap, desiredMode }).toEqual({ desiredCap: 94, desiredMode: 'OPEN' })
    // Allocations follow exposure before the write is sent: the units must still be available to it.
    await sales.service.app.get(CapWriteJournal).follow(eventId)
    expect((await sales.hold(eventId, { quantity: 1 }, { by: sales.operator })).body.code).toBe('SOLD_OUT')
    expect(await syncChannel(sales, eventId, id)).toMatchObject({ kind: 'WRITE', cap: 94, mode: 'OPEN' })
    expect(await sales.expectSound(eventId)).toMatchObject({ SAFETY: 6, 'ALLOCATED:LUMA': 94, IN_TRANSIT: 0 })
    const actions = await sales.prisma.auditEntry.findMany({
      where: { subject: requested.body.id },
      orderBy: { id: 'asc' },
    })
    expect(actions.map(({ actorId, action }) => [actorId, action])).toEqual([
      [sales.operator.id, 'safety-stock.release.request'],
      [sales.admin.id, 'safety-stock.release.approve'],
    ])
  })

  it('opens only that platform after a red alarm, for its quantity, to which a second release adds', async () => {
    const { eventId, channel } = await eventOnLuma(sales, { softCapRatio: 0.02 })
    await sell(eventId, { ...SALE, quantity: 3 })
    await sales.service.app.get(SoftCap).check(eventId)
    const { id, desiredMode } = await channel()
    expect(desiredMode).toBe('WAITLIST_ONLY')
    expect(await syncChannel(sales, eventId, id)).toMatchObject({ mode: 'WAITLIST_ONLY', cap: 1 })
    for (const [quantity, cap] of [[4, 4], [2, 6]] as const) {
      const requested = await requestRelease(eventId, { platform: 'LUMA', quantity, reason: 'the last ones' })
      expect((await decide(requested.body.id, 'approve')).status).toBe(200)
      expect(await channel()).toMatchObject({ desiredCap: cap, desiredMode: 'OPEN' })
      expect(await syncChannel(sales, eventId, id)).toMatchObject({ kind: 'WRITE', mode: 'OPEN', cap, lane: 'grow' })
    }
    expect(await sales.expectSound(eventId)).toMatchObject({ SAFETY: 1, 'ALLOCATED:LUMA': 6 })
    const stock = await sales.service.call('GET', `/events/${eventId}/stock`, { token: sales.admin.token })
    expect(stock.body).toMatchObject({ state: 'RED_ALARM' })
  }) // prettier-ignore

  it('requires another admin: the requester and operators get 403', async () => {
    const { eventId } = await eventOnLuma(sales)
    const { id } = (await requestRelease(eventId, { platform: 'LUMA', quantity: 1, reason: 'mine' }, requester)).body
    for (const action of ['approve', 'reject'] as const) {
      expect((await decide(id, action, requester)).status).toBe(403)
      expect((await decide(id, action, sales.operator)).status).toBe(403)
    }
    expect((await decide(id, 'approve')).status).toBe(200)
    expect((await decide(id, 'approve', requester)).status).toBe(403)
    const again = await decide(id, 'reject')
    expect([again.status, again.body.code]).toEqual([409, 'STATE_CONFLICT'])
    expect((await decide('rel_none', 'approve')).status).toBe(404)
    expect((await sales.expectSound(eventId)).SAFETY).toBe(9)
  })

  it('is decided once by concurrent requests', async () => {
    const { eventId, channel } = await eventOnLuma(sales)
    const { id } = (await requestRelease(eventId, { platform: 'LUMA', quantity: 5, reason: 'more' })).body
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        decide(id, index % 2 ? 'approve' : 'reject', index % 3 ? requester : sales.admin),
      ),
    )
    expect(tally(responses)).toEqual({ '200': 1, '409 STATE_CONFLICT': 9 })
    const approved = responses.find(({ status }) => status === 200)?.body.state === 'APPROVED'
    expect((await sales.balances(eventId)).SAFETY).toBe(approved ? 5 : 10)
    expect((await channel()).desiredCap).toBe(approved ? 95 : 90)
  })

  it('is rejected for an unknown listing or event, beyond the safety stock and during a pause', async () => {
    const { eventId } = await eventOnLuma(sales)
    expect((await requestRelease(eventId, { platform: 'MEETUP', quantity: 1, reason: 'x' })).status).toBe(400)
    expect((await requestRelease(eventId, { platform: 'LUMA', quantity: 11, reason: 'x' })).body.code).toBe('SOLD_OUT')
    expect((await requestRelease('evt_none', { platform: 'LUMA', quantity: 1, reason: 'x' })).status).toBe(404)
    const { id } = (await requestRelease(eventId, { platform: 'LUMA', quantity: 10, reason: 'x' })).body
    await sell(eventId)
    expect((await decide(id, 'approve')).body.code).toBe('SOLD_OUT')
    await act(eventId, 'pause')
    expect((await decide(id, 'approve')).body.code).toBe('STATE_CONFLICT')
    expect((await decide(id, 'reject')).body.state).toBe('REJECTED')
    await sales.expectSound(eventId)
  })

  it('is listed by event and state for staff', async () => {
    const { eventId } = await eventOnLuma(sales)
    const requests = [1, 2, 3].map((quantity) => requestRelease(eventId, { platform: 'LUMA', quantity, reason: 'x' }))
    const [first] = await Promise.all(requests)
    await decide(first?.body.id ?? '', 'reject')
    const list = (query: string, token = sales.operator.token) =>
      sales.service.call<{ items: Release[]; nextCursor: string | null }>('GET', `/safety-stock/releases?${query}`, {
        token,
      })
    const pending = await list(`eventId=${eventId}&state=PENDING`)
    expect(pending.body.items).toHaveLength(2)
    expect(pending.body.items[0]).toMatchObject({ eventId, platform: 'LUMA', state: 'PENDING', decidedBy: null })
    const page = await list(`eventId=${eventId}&limit=2`)
    const rest = await list(`eventId=${eventId}&limit=2&cursor=${page.body.nextCursor}`)
    expect([...page.body.items, ...rest.body.items]).toHaveLength(3)
    expect((await list('state=MAYBE')).status).toBe(400)
    expect((await list('', sales.customer.token)).status).toBe(403)
  })
})

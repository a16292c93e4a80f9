import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventDto } from '../../../src/events/event-response.dto.js'
import { SoftCap } from '../../../src/channels/soft-cap.js'
import type { StockDto } from '../../../src/events/stock/stock.dto.js'
import { Locks } from '../../../src/infrastructure/locks/locks.js'
import { Sales } from '../../support/fixtures/sales.js'

let sales: Sales
beforeAll(async () => {
  sales = await Sales.start()
})
afterAll(() => sales.stop())

const call = <T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) =>
  sales.service.call<T>(method, path, { token: sales.operator.token, ...(body ? { body } : {}) })
const stockOf = async (eventId: string) => (await call<StockDto>('GET', `/events/${eventId}/stock`)).body
const directOf = async (eventId: string) => (await stockOf(eventId)).channels.find((one) => one.platform === 'DIRECT')
const patch = (eventId: string, body: object) => call<EventDto>('PATCH', `/events/${eventId}`, body)

describe('GET /events', () => {
  it('ignores parameters without a value, and rejects unknown ones', async () => {
    const eventId = await sales.event()
    const all = await call<{ items: EventDto[] }>('GET', '/events?limit=20&cursor=&q=&state=')
    expect(all.status).toBe(200)
    expect(all.body.items.map(({ id }) => id)).toContain(eventId)
    for (const bad of ['state=OPEN', 'cursor=x', 'colour=red', 'colour=']) {
      const refused = await call<{ errors: { field: string }[] }>('GET', `/events?${bad}`)
      expect(refused.status, bad).toBe(bad === 'colour=' ? 200 : 400)
    }
  })

  it('searches for the literal text', async () => {
    const name = '100 % jazz_noon \\o/'
    const eventId = await sales.event({ name })
    await sales.event({ name: '100 x jazz-noon' })
    const found = async (q: string) =>
      (await call<{ items: EventDto[] }>('GET', `/events?q=${encodeURIComponent(q)}`)).body.items.map(({ id }) => id)
    for (const q of ['0 % JAZZ', 'jazz_n', '\\o/', name]) expect(await found(q), q).toEqual([eventId])
    expect(await found('%x%')).toEqual([])
  })
})

describe('PATCH /events/:id', () => {
  it('applies a lower capacity at once without platforms, and rejects holds beyond it', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    await sales.createHold(eventId, { quantity: 30 })
    const lowered = await patch(eventId, { capacity: 50 })
    expect(lowered).toMatchObject({ status: 200, body: { capacity: 50, targetCapacity: 50 } })
    expect(await stockOf(eventId)).toMatchObject({
      capacity: 50,
      held: 30,
      available: 20,
      unallocated: 0,
      safetyStock: { total: 5, remaining: 5 },
      softCap: { threshold: 50 },
    })
    expect((await sales.hold(eventId, { quantity: 16 })).body).toMatchObject({ code: 'SOLD_OUT' })
    await sales.createHold(eventId, { quantity: 15 })
    expect((await patch(eventId, { capacity: 44 })).status).toBe(409)
    expect((await patch(eventId, { capacity: 45 })).body).toMatchObject({ capacity: 45, targetCapacity: 45 })
    expect((await patch(eventId, { capacity: 60 })).body).toMatchObject({ capacity: 60, targetCapacity: 60 })
    await sales.expectSound(eventId)
  })

  it('moves no stock when the name, the venue and the start change', async () => {
    const eventId = await sales.event({ capacity: 10, directWeight: 0 })
    const before = await stockOf(eventId)
    const renamed = await patch(eventId, { name: 'Matinee', venue: 'Hall 2', startsAt: '2030-01-02T12:00:00+02:00' })
    expect(renamed).toMatchObject({
      status: 200,
      body: { name: 'Matinee', venue: 'Hall 2', startsAt: '2030-01-02T10:00:00.000Z', capacity: 10, state: 'ON_SALE' },
    })
    expect(await stockOf(eventId)).toEqual({ ...before, asOf: expect.any(String) })
    const { body } = await call<{ items: unknown[] }>('GET', `/events/${eventId}/movements`)
    expect(body.items).toHaveLength(1)
  })
})

describe('The soft cap', () => {
  it('is reached by sales of another process, and by a lowered threshold', async () => {
    const softCap = sales.service.app.get(SoftCap)
    const api = await sales.startInstance()
    const reached = await sales.event({ capacity: 10, softCapRatio: 0.7 })
    const { body: hold } = await sales.hold(reached, { quantity: 7 }, { on: api })
    expect((await sales.confirm(hold.id, { on: api })).status).toBe(200)
    await api.close()
    const lowered = await sales.event({ capacity: 100, softCapRatio: 0.29 })
    await sales.confirm((await sales.createHold(lowered, { quantity: 28 })).id)
    const zeroThreshold = await sales.event({ capacity: 1, softCapRatio: 0.9 })
    await softCap.checkAll()
    expect(await stockOf(reached)).toMatchObject({ state: 'RED_ALARM', softCap: { threshold: 7, redAlarm: true } })
    expect(await stockOf(lowered)).toMatchObject({ state: 'ON_SALE', softCap: { threshold: 29, redAlarm: false } })
    expect(await stockOf(zeroThreshold)).toMatchObject({ state: 'ON_SALE', softCap: { threshold: 0, redAlarm: false } })
    await sales.prisma.event.update({ where: { id: lowered }, data: { softCapRatio: 0.28 } })
    await softCap.checkAll()
    expect((await stockOf(lowered)).state).toBe('RED_ALARM')
    const alerts = await call<{ items: { eventId: string }[] }>('GET', '/alerts?kind=RED_ALARM')
    expect(alerts.body.items.map(({ eventId }) => eventId).toSorted()).toEqual([reached, lowered].toSorted())
  })
})

describe('The direct channel in a red alarm', () => {
  it('is OPEN while customers can hold its allocation', async () => {
    const eventId = await sales.event({ capacity: 10, safetyStockRatio: 0.2, softCapRatio: 0.5 })
    await sales.createHold(eventId, { quantity: 6 })
    await sales.prisma.event.update({ where: { id: eventId }, data: { redAlarmSince: new Date() } })
    expect(await directOf(eventId)).toMatchObject({ allocation: 2, mode: 'OPEN' })
    const last = await sales.createHold(eventId, { quantity: 2 })
    expect(await directOf(eventId)).toMatchObject({ allocation: 0, mode: 'WAITLIST_ONLY' })
    expect((await sales.hold(eventId, { quantity: 1 })).body).toMatchObject({ code: 'SOLD_OUT' })
    await sales.release(last.id)
    expect(await directOf(eventId)).toMatchObject({ allocation: 2, mode: 'OPEN' })
  })

  it('is WAITLIST_ONLY when only staff can hold the remaining tickets', async () => {
    const eventId = await sales.event({ capacity: 10, directWeight: 0 })
    await sales.prisma.event.update({ where: { id: eventId }, data: { redAlarmSince: new Date() } })
    expect(await stockOf(eventId)).toMatchObject({
      unallocated: 10,
      channels: [{ allocation: 0, mode: 'WAITLIST_ONLY' }],
    })
    expect((await sales.hold(eventId, { quantity: 1 })).body).toMatchObject({ code: 'SOLD_OUT' })
    await sales.createHold(eventId, { quantity: 1 }, sales.operator)
  })

  it('is WAITLIST_ONLY while the event is paused, regardless of its allocation', async () => {
    const eventId = await sales.event()
    expect((await call('POST', `/events/${eventId}/pause`)).status).toBe(200)
    expect(await directOf(eventId)).toMatchObject({ allocation: 100, mode: 'WAITLIST_ONLY' })
    expect((await sales.hold(eventId, { quantity: 1 })).body).toMatchObject({ code: 'STATE_CONFLICT' })
  })
})

describe('POST /events/:id/rebalance', () => {
  it('accepts no body or one with known fields', async () => {
    const path = `/events/${await sales.event()}/rebalance`
    expect(await call('POST', path)).toMatchObject({ status: 200, body: { moves: [], applied: false } })
    expect(await call('POST', path, { dryRun: true })).toMatchObject({ status: 200 })
    for (const [body, field] of [
      [{ dryRun: 'yes' }, 'dryRun'],
      [{ dryrun: true }, 'dryrun'],
    ] as const) {
      expect(await call('POST', path, body)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
    }
  })

  it('waits for a running rebalance of the event', async () => {
    const eventId = await sales.event()
    const locks = sales.service.app.get(Locks)
    let response: ReturnType<typeof call> | undefined
    await locks.tryWith(`rebalance:${eventId}`, async () => {
      response = call('POST', `/events/${eventId}/rebalance`)
      await new Promise((resolve) => setTimeout(resolve, 600))
    })
    expect(await response).toMatchObject({ status: 200, body: { moves: [] } })
  })
})

describe('Commands without a body', () => {
  it('reject unknown fields', async () => {
    const eventId = await sales.event()
    for (const action of ['pause', 'resume', 'reopen', 'close']) {
      const refused = await call('POST', `/events/${eventId}/${action}`, { reason: 'rain' })
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } })
    }
    expect((await call<EventDto>('GET', `/events/${eventId}`)).body.state).toBe('ON_SALE')
    expect(await call('POST', '/waitlist/wle_none/offer', { ttl: 5 })).toMatchObject({ status: 400 })
  })
})

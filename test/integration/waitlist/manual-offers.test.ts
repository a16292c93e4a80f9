import { describe, expect, it } from 'vitest'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { readEntry } from '../../support/fixtures/entry-owner.js'
import { BUYER, tally } from '../../support/fixtures/sales.js'
import {
  claim,
  entriesOf,
  fullyHeld,
  joined,
  leave,
  mailedToken,
  offer,
  sales,
  second,
  useWaitlist,
} from '../../support/fixtures/waitlist.js'
import { until } from '../../support/service/test-system.js'

useWaitlist()

describe('A manual offer', () => {
  it('holds tickets that are claimed once with its token', async () => {
    const { eventId, hold } = await fullyHeld()
    const ana = await joined(eventId, 'ana', 2)
    expect((await offer(ana.id)).body.code).toBe('SOLD_OUT')
    await sales.release(hold.id)
    const responses = await Promise.all(
      Array.from({ length: 12 }, (_, i) => offer(ana.id, {}, i % 2 ? second : sales.service)),
    )
    expect(tally(responses)).toEqual({ '201': 1, '409 STATE_CONFLICT': 11 })
    const created = responses.find(({ status }) => status === 201)?.body
    expect(created).toMatchObject({ state: 'HELD', quantity: 2 })
    expect(Date.parse(created?.expiresAt ?? '') - Date.now()).toBeGreaterThan(3_600_000)
    expect((await sales.get(created?.id ?? '')).status).toBe(404)
    const token = await mailedToken('ana')
    expect((await claim(ana.id, { token: ana.leaveToken })).status).toBe(404)
    const shown = await readEntry(sales.service, ana.id, token)
    expect(shown.body).toMatchObject({ state: 'OFFERED', priced: false, offer: { state: 'HELD', quantity: 2 } })
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(ana.id, { token })))
    expect(tally(claims)).toEqual({ '200': 8 })
    expect(claims[0]?.body.tickets).toHaveLength(2)
    expect(new Set(claims.map(({ body }) => JSON.stringify(body.tickets))).size).toBe(1)
    const order = await sales.prisma.order.findFirstOrThrow({ where: { eventId } })
    expect(order).toMatchObject({ buyerName: 'ana', buyerEmail: 'ana@example.com' })
    expect(await entriesOf(eventId)).toMatchObject([{ state: 'CONFIRMED', position: null }])
    expect((await leave(ana.id, ana.leaveToken)).body.code).toBe('STATE_CONFLICT')
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2, 'ALLOCATED:DIRECT': 2 })
  })

  it('lapses, is released by leaving, and never uses the safety stock', async () => {
    const { eventId, hold } = await fullyHeld({ capacity: 8, safetyStockRatio: 0.5 })
    const [ana, ben, eve] = [await joined(eventId, 'ana'), await joined(eventId, 'ben'), await joined(eventId, 'eve')]
    expect((await offer(ana.id)).body.code).toBe('SOLD_OUT')
    await sales.release(hold.id)
    expect((await offer(ana.id, { ttlSeconds: 60 })).status).toBe(201)
    const token = await mailedToken('ana')
    expect((await offer(ben.id)).status).toBe(201)
    expect((await leave(ben.id, ben.leaveToken)).status).toBe(204)
    expect((await offer(eve.id)).status).toBe(201)
    sales.setClock(() => new Date(Date.now() + 61_000))
    expect((await claim(ana.id, { token })).status).toBe(410)
    await sales.service.app.get(HoldExpiry).sweep()
    expect(await entriesOf(eventId)).toMatchObject([
      { state: 'LAPSED', position: null },
      { state: 'LEFT', position: null },
      { state: 'OFFERED', position: 1 },
    ])
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 1, SAFETY: 4, 'ALLOCATED:DIRECT': 3 })
  })

  it('is paid like any other hold when the event has a price', async () => {
    sales.service.app.get(BackgroundTasks).start(PaymentWorker)
    const eventId = await sales.event({ priceCents: 500 })
    const [ana, ben] = [await joined(eventId, 'ana'), await joined(eventId, 'ben')]
    for (const { id } of [ana, ben]) expect((await offer(id)).status).toBe(201)
    const token = await mailedToken('ana')
    expect((await claim(ana.id, { token })).body.errors?.[0]?.field).toBe('payment')
    expect((await claim(ana.id, { token, payment: { token: 'good' } })).status).toBe(202)
    expect((await leave(ana.id, ana.leaveToken)).status).toBe(409)
    await claim(ben.id, { token: await mailedToken('ben'), buyer: BUYER, payment: { token: 'decline' } })
    await until(async () => {
      expect((await entriesOf(eventId)).map(({ state }) => state)).toEqual(['CONFIRMED', 'LAPSED'])
    })
    await sales.expectSound(eventId)
  })

  it('contains available seats', async () => {
    const seats = [{ section: 'Stalls', rows: [{ row: 'A', count: 4 }] }]
    const eventId = await sales.event({ capacity: 4, seats })
    await sales.createHold(eventId, { seats: ['Stalls-A-2'] })
    const [ana, ben] = [await joined(eventId, 'ana', 2), await joined(eventId, 'ben', 2)]
    expect((await offer(ana.id)).body.seats).toEqual(['Stalls-A-1', 'Stalls-A-3'])
    expect((await offer(ben.id)).body.code).toBe('SOLD_OUT')
    await sales.expectSound(eventId)
  })

  it('is rejected while the event is paused', async () => {
    const eventId = await sales.event()
    const ana = await joined(eventId, 'ana')
    await sales.service.call('POST', `/events/${eventId}/pause`, { token: sales.admin.token })
    expect((await offer(ana.id)).body.code).toBe('STATE_CONFLICT')
    expect((await offer('wle_none')).status).toBe(404)
  })
})

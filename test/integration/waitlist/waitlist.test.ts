import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { HoldExpiry } from '../../../src/sales/hold-expiry.js'
import { PaymentWorker } from '../../../src/sales/payments/payment-worker.js'
import { WaitlistOffers } from '../../../src/sales/waitlist/waitlist-offers.js'
import type { TestApp } from '../../support/service/app.js'
import { BUYER, Sales, tally, type HoldBody } from '../../support/fixtures/sales.js'
import { until } from '../../support/service/test-system.js'

let sales: Sales
let second: TestApp

beforeAll(async () => {
  sales = await Sales.start()
  second = await sales.startInstance()
})

afterAll(async () => {
  await second?.close()
  await sales?.stop()
})

afterEach(() => sales.setClock(() => new Date()))

interface Joined {
  id: string
  position: number
  leaveToken: string
  code?: string
}

interface Entry {
  id: string
  state: string
  position: number | null
  quantity: number
  holdId: string | null
}

let addresses = 0
const join = (
  eventId: string,
  name: string,
  quantity = 1,
  on = sales.service,
  ip = `10.8.${addresses++ >> 8}.${addresses & 255}`,
) =>
  on.call<Joined>('POST', `/events/${eventId}/waitlist`, {
    body: { name, email: `${name}@example.com`, quantity },
    ip,
  })

async function joined(eventId: string, name: string, quantity = 1): Promise<Joined> {
  const response = await join(eventId, name, quantity)
  expect(response.status, JSON.stringify(response.body)).toBe(201)
  return response.body
}

const leave = (id: string, token: string) =>
  sales.service.call<{ code?: string }>('DELETE', `/waitlist/${id}?token=${token}`)

async function entriesOf(eventId: string, query = ''): Promise<Entry[]> {
  const response = await sales.service.call<{ items: Entry[] }>(
    'GET',
    `/events/${eventId}/waitlist?limit=100${query}`,
    {
      token: sales.operator.token,
    },
  )
  expect(response.status).toBe(200)
  return response.body.items
}

const offer = (id: string, body: object = {}, on = sales.service) =>
  on.call<HoldBody>('POST', `/waitlist/${id}/offer`, { token: sales.operator.token, body })

const claim = (id: string, body: object) =>
  sales.service.call<HoldBody>('POST', `/waitlist/${id}/claim`, { body, ip: `10.7.0.${addresses++ & 255}` })

/** The token of the newest offer that was mailed to this name. */
async function mailedToken(name: string): Promise<string> {
  const mail = await sales.prisma.mail.findFirstOrThrow({
    where: { kind: 'OFFER', recipient: `${name}@example.com` },
    orderBy: { id: 'desc' },
  })
  const [, token] = /claim\?entry=\w+&token=([\w-]+)/.exec(mail.text ?? '') ?? []
  if (!token) throw new Error(mail.text ?? '')
  return token
}

/** An event whose tickets are all held by a customer. */
async function fullyHeld(fields: object = {}, capacity = 4): Promise<{ eventId: string; hold: HoldBody }> {
  const eventId = await sales.event({ capacity, ...fields })
  return { eventId, hold: await sales.createHold(eventId, { quantity: capacity }) }
}

describe('The waitlist', () => {
  it('assigns a position to each entry in order of joining, also for concurrent requests', async () => {
    const { eventId } = await fullyHeld()
    const ana = await joined(eventId, 'ana')
    const ben = await joined(eventId, 'ben', 2)
    expect([ana.position, ben.position]).toEqual([1, 2])
    const crowd = await Promise.all(
      Array.from({ length: 40 }, (_, i) => join(eventId, `crowd${i}`, 1, i % 2 ? second : sales.service)),
    )
    expect(tally(crowd)).toEqual({ '201': 40 })
    const items = await entriesOf(eventId)
    expect(items.map(({ position }) => position)).toEqual(Array.from({ length: 42 }, (_, index) => index + 1))
    expect(items.slice(0, 2)).toMatchObject([
      { id: ana.id, quantity: 1, state: 'WAITING' },
      { id: ben.id, quantity: 2 },
    ])
    expect(new Set(crowd.map(({ body }) => body.position)).size).toBe(40)
    for (const { body } of crowd) expect(items[body.position - 1]?.id).toBe(body.id)
  })

  it('reveals to a third party neither that an address is on it nor the token to remove the entry', async () => {
    const { eventId } = await fullyHeld()
    const ana = await joined(eventId, 'ana', 2)
    await joined(eventId, 'ben')
    const known = await joined(eventId, 'ANA')
    const unknown = await joined(eventId, 'cem')
    expect([known.position, unknown.position]).toEqual([3, 4])
    expect(Object.keys(known)).toEqual(Object.keys(unknown))
    expect(known.leaveToken).not.toBe(ana.leaveToken)
    expect((await leave(ana.id, known.leaveToken)).status).toBe(404)
    expect((await leave(known.id, known.leaveToken)).status).toBe(204)
    expect(await entriesOf(eventId, '&state=WAITING')).toMatchObject([
      { id: ana.id, position: 1, quantity: 2 },
      { position: 2 },
      { id: unknown.id, position: 3 },
    ])
  })

  it('requires the token to leave, and moves later entries up', async () => {
    const { eventId } = await fullyHeld()
    const [ana, ben] = [await joined(eventId, 'ana'), await joined(eventId, 'ben')]
    expect((await leave(ana.id, ben.leaveToken)).status).toBe(404)
    expect((await leave('wle_none', ana.leaveToken)).status).toBe(404)
    expect((await sales.service.call('DELETE', `/waitlist/${ana.id}`)).status).toBe(400)
    expect((await leave(ana.id, ana.leaveToken)).status).toBe(204)
    expect((await leave(ana.id, ana.leaveToken)).status).toBe(204)
    expect(await entriesOf(eventId)).toMatchObject([
      { state: 'LEFT', position: null },
      { id: ben.id, position: 1 },
    ])
    expect(await entriesOf(eventId, '&state=LEFT')).toHaveLength(1)
    const again = await joined(eventId, 'ana')
    expect([again.id === ana.id, again.position]).toEqual([false, 2])
    expect((await offer(ana.id)).body.code).toBe('STATE_CONFLICT')
  })

  it('is listed in pages for staff', async () => {
    const { eventId } = await fullyHeld()
    for (const name of ['a', 'b', 'c']) await joined(eventId, name)
    const page = (cursor: string) =>
      sales.service.call<{ items: Entry[]; nextCursor: string | null }>(
        'GET',
        `/events/${eventId}/waitlist?limit=2${cursor}`,
        {
          token: sales.operator.token,
        },
      )
    const first = await page('')
    const next = await page(`&cursor=${first.body.nextCursor}`)
    expect(next.body).toMatchObject({ items: [{ position: 3 }], nextCursor: null })
    expect((await page('&state=UNKNOWN')).status).toBe(400)
    const path = `/events/${eventId}/waitlist`
    expect((await sales.service.call('GET', path, { token: sales.customer.token })).status).toBe(403)
    expect((await sales.service.call('GET', path)).status).toBe(401)
  })

  it('accepts entries that can get an offer, up to 30 per minute from one IP address', async () => {
    const { eventId } = await fullyHeld({ maxHeldPerCustomer: 4 })
    expect((await join('evt_none', 'ana')).status).toBe(404)
    expect((await join(eventId, 'ana', 5)).body).toMatchObject({ code: 'VALIDATION_FAILED' })
    expect((await join(eventId, 'ana', 0)).status).toBe(400)
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => join(eventId, `p${i}`, 1, sales.service, '10.1.1.1')),
    )
    expect(tally(responses)).toEqual({ '201': 30, '429 RATE_LIMITED': 10 })
    const closed = await sales.event()
    await sales.service.call('POST', `/events/${closed}/close`, { token: sales.admin.token })
    expect((await join(closed, 'ana')).body.code).toBe('STATE_CONFLICT')
  })
})

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
    const shown = await sales.service.call('GET', `/waitlist/${ana.id}?token=${token}`)
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

describe('Automatic offers', () => {
  const automatic = { waitlistPolicy: 'AUTOMATIC' }
  const all = () => [sales.service, second].map(({ app }) => app.get(WaitlistOffers))

  it('are created once to the next entries when tickets are released, by concurrent processes', async () => {
    const { eventId, hold } = await fullyHeld(automatic, 30)
    for (let index = 0; index < 40; index++) await joined(eventId, `p${index}`)
    await Promise.all(all().map((offers) => offers.offerAll()))
    expect((await entriesOf(eventId)).every(({ state }) => state === 'WAITING')).toBe(true)
    await sales.release(hold.id)
    await Promise.all(Array.from({ length: 10 }, async (_, i) => all()[i % 2]?.offerAll()))
    const items = await entriesOf(eventId)
    expect(items.map(({ state }) => state)).toEqual(items.map((_, index) => (index < 30 ? 'OFFERED' : 'WAITING')))
    const holds = await sales.prisma.hold.findMany({ where: { eventId, accountId: null, state: 'HELD' } })
    expect([holds.length, new Set(items.map(({ holdId }) => holdId)).size]).toEqual([30, 31])
    expect(await sales.prisma.mail.count({ where: { kind: 'OFFER', text: { contains: items[0]?.id ?? '' } } })).toBe(1)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 30, 'ALLOCATED:DIRECT': 0 })

    // Lapsed offers go to the next entries; claimed ones do not.
    const first = items[0]
    expect((await claim(first?.id ?? '', { token: await mailedToken('p0') })).status).toBe(200)
    sales.setClock(() => new Date(Date.now() + 7 * 3_600_000))
    await sales.service.app.get(HoldExpiry).sweep()
    await Promise.all(all().map((offers) => offers.offerAll()))
    const after = await entriesOf(eventId)
    expect(after.slice(0, 2).map(({ state }) => state)).toEqual(['CONFIRMED', 'LAPSED'])
    expect(after.slice(30).map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'OFFERED'))
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 10, 'SOLD:DIRECT': 1, 'ALLOCATED:DIRECT': 19 })
  })

  it('are created once per address, however often it joined, and again when it joins again', async () => {
    const { eventId, hold } = await fullyHeld(automatic, 4)
    const [first, twin] = [await joined(eventId, 'ana'), await joined(eventId, 'Ana', 2)]
    const ben = await joined(eventId, 'ben')
    const states = async () => (await entriesOf(eventId)).map(({ id, state }) => [id, state])
    await sales.release(hold.id)
    await Promise.all(all().map((offers) => offers.offerAll()))
    const offered = [
      [first.id, 'OFFERED'],
      [twin.id, 'WAITING'],
      [ben.id, 'OFFERED'],
    ]
    expect(await states()).toEqual(offered)
    await all()[0]?.offerAll()
    expect(await states()).toEqual(offered)
    sales.setClock(() => new Date(Date.now() + 7 * 3_600_000))
    await sales.service.app.get(HoldExpiry).sweep()
    await all()[0]?.offerAll()
    expect(await states()).toEqual(offered.map(([id, state]) => [id, state === 'OFFERED' ? 'LAPSED' : state]))
    const again = await joined(eventId, 'ana')
    await all()[0]?.offerAll()
    expect((await states()).at(-1)).toEqual([again.id, 'OFFERED'])
    await sales.expectSound(eventId)
  })

  it('are created to the next entry of an address when its first entry leaves', async () => {
    const { eventId, hold } = await fullyHeld(automatic, 4)
    const [stranger, ana] = [await joined(eventId, 'ana'), await joined(eventId, 'ana', 2)]
    await sales.release(hold.id)
    await all()[0]?.offerAll()
    expect((await leave(stranger.id, stranger.leaveToken)).status).toBe(204)
    await all()[0]?.offerAll()
    expect(await entriesOf(eventId)).toMatchObject([
      { id: stranger.id, state: 'LEFT' },
      { id: ana.id, state: 'OFFERED', quantity: 2 },
    ])
    expect((await claim(ana.id, { token: await mailedToken('ana') })).status).toBe(200)
    await sales.expectSound(eventId)
  })

  it('are created without a request, and do not oversell in a race with customers', async () => {
    const workers = [await sales.startInstance(), await sales.startInstance()] as const
    for (const { app } of workers) app.get(BackgroundTasks).start(WaitlistOffers)
    const { eventId, hold } = await fullyHeld(automatic, 10)
    for (let index = 0; index < 10; index++) await joined(eventId, `r${index}`)
    const requests = Array.from({ length: 40 }, async (_, index) => {
      if (index === 10) await sales.release(hold.id, { on: workers[0] })
      return sales.hold(eventId, { quantity: 1 }, { on: workers[index % 2 ? 1 : 0] })
    })
    const responses = await Promise.all(requests)
    const bought = responses.filter(({ status }) => status === 201).length
    await until(async () => {
      const offered = (await entriesOf(eventId)).filter(({ state }) => state === 'OFFERED').length
      expect(offered + bought).toBe(10)
    })
    for (const worker of workers) await worker.close()
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 10, 'ALLOCATED:DIRECT': 0 })
  })

  it('skip entries for more tickets than available, and are not created in a red alarm, in a pause or with MANUAL', async () => {
    const big = await fullyHeld(automatic, 2)
    const [ana, ben] = [await joined(big.eventId, 'ana', 3), await joined(big.eventId, 'ben', 2)]
    await sales.release(big.hold.id)
    const withoutOffers = await Promise.all(
      [{ waitlistPolicy: 'MANUAL' }, automatic, automatic].map(async (fields) => {
        const eventId = await sales.event(fields)
        await joined(eventId, 'ana')
        return eventId
      }),
    )
    await sales.service.call('POST', `/events/${withoutOffers[1]}/pause`, { token: sales.admin.token })
    await sales.prisma.event.update({ where: { id: withoutOffers[2] ?? '' }, data: { redAlarmSince: new Date() } })
    await all()[0]?.offerAll()
    expect(await entriesOf(big.eventId)).toMatchObject([
      { id: ana.id, state: 'WAITING' },
      { id: ben.id, state: 'OFFERED' },
    ])
    for (const eventId of withoutOffers) expect(await entriesOf(eventId)).toMatchObject([{ state: 'WAITING' }])
    const patched = await sales.service.call('PATCH', `/events/${withoutOffers[0]}`, {
      token: sales.operator.token,
      body: { waitlistPolicy: 'AUTOMATIC' },
    })
    expect(patched.body).toMatchObject({ waitlistPolicy: 'AUTOMATIC' })
    await all()[0]?.offerAll()
    expect(await entriesOf(withoutOffers[0] ?? '')).toMatchObject([{ state: 'OFFERED' }])
  })
})

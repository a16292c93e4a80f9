import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { HoldExpiry } from '../../src/sales/hold-expiry.js'
import { PaymentWorker } from '../../src/sales/payments/payment-worker.js'
import { WaitlistOffers } from '../../src/sales/waitlist/waitlist-offers.js'
import type { TestApp } from '../support/app.js'
import { BUYER, Sales, tally, type HoldBody } from '../support/sales.js'
import { until } from '../support/test-system.js'

let sales: Sales
let second: TestApp

beforeAll(async () => {
  sales = await Sales.start()
  second = await sales.another()
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
  who: string,
  quantity = 1,
  on = sales.service,
  ip = `10.8.${addresses++ >> 8}.${addresses & 255}`,
) =>
  on.call<Joined>('POST', `/events/${eventId}/waitlist`, {
    body: { name: who, email: `${who}@example.com`, quantity },
    ip,
  })

async function joined(eventId: string, who: string, quantity = 1): Promise<Joined> {
  const answer = await join(eventId, who, quantity)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}

const leave = (id: string, token: string) =>
  sales.service.call<{ code?: string }>('DELETE', `/waitlist/${id}?token=${token}`)

async function line(eventId: string, query = ''): Promise<Entry[]> {
  const answer = await sales.service.call<{ items: Entry[] }>('GET', `/events/${eventId}/waitlist?limit=100${query}`, {
    token: sales.operator.token,
  })
  expect(answer.status).toBe(200)
  return answer.body.items
}

const offer = (id: string, body: object = {}, on = sales.service) =>
  on.call<HoldBody>('POST', `/waitlist/${id}/offer`, { token: sales.operator.token, body })

const claim = (id: string, body: object) =>
  sales.service.call<HoldBody>('POST', `/waitlist/${id}/claim`, { body, ip: `10.7.0.${addresses++ & 255}` })

/** The token of the newest offer that was mailed to somebody. */
async function mailed(who: string): Promise<string> {
  const mail = await sales.prisma.mail.findFirstOrThrow({
    where: { kind: 'OFFER', recipient: `${who}@example.com` },
    orderBy: { id: 'desc' },
  })
  const [, token] = /claim\?entry=\w+&token=([\w-]+)/.exec(mail.text ?? '') ?? []
  if (!token) throw new Error(mail.text ?? '')
  return token
}

/** All is held by a customer. */
async function full(fields: object = {}, capacity = 4): Promise<{ eventId: string; hold: HoldBody }> {
  const eventId = await sales.event({ capacity, ...fields })
  return { eventId, hold: await sales.held(eventId, { quantity: capacity }) }
}

describe('the line', () => {
  it('has a place for each who joins, in order, also when many do at once', async () => {
    const { eventId } = await full()
    const ana = await joined(eventId, 'ana')
    const ben = await joined(eventId, 'ben', 2)
    expect([ana.position, ben.position]).toEqual([1, 2])
    const crowd = await Promise.all(
      Array.from({ length: 40 }, (_, i) => join(eventId, `crowd${i}`, 1, i % 2 ? second : sales.service)),
    )
    expect(tally(crowd)).toEqual({ '201': 40 })
    const items = await line(eventId)
    expect(items.map(({ position }) => position)).toEqual(Array.from({ length: 42 }, (_, index) => index + 1))
    expect(items.slice(0, 2)).toMatchObject([
      { id: ana.id, quantity: 1, state: 'WAITING' },
      { id: ben.id, quantity: 2 },
    ])
    expect(new Set(crowd.map(({ body }) => body.position)).size).toBe(40)
    for (const { body } of crowd) expect(items[body.position - 1]?.id).toBe(body.id)
  })

  it('tells a stranger who knows an address neither that it is in line nor how to take it out', async () => {
    const { eventId } = await full()
    const ana = await joined(eventId, 'ana', 2)
    await joined(eventId, 'ben')
    const known = await joined(eventId, 'ANA')
    const unknown = await joined(eventId, 'cem')
    expect([known.position, unknown.position]).toEqual([3, 4])
    expect(Object.keys(known)).toEqual(Object.keys(unknown))
    expect(known.leaveToken).not.toBe(ana.leaveToken)
    expect((await leave(ana.id, known.leaveToken)).status).toBe(404)
    expect((await leave(known.id, known.leaveToken)).status).toBe(204)
    expect(await line(eventId, '&state=WAITING')).toMatchObject([
      { id: ana.id, position: 1, quantity: 2 },
      { position: 2 },
      { id: unknown.id, position: 3 },
    ])
  })

  it('is left by token alone, and moves up', async () => {
    const { eventId } = await full()
    const [ana, ben] = [await joined(eventId, 'ana'), await joined(eventId, 'ben')]
    expect((await leave(ana.id, ben.leaveToken)).status).toBe(404)
    expect((await leave('wle_none', ana.leaveToken)).status).toBe(404)
    expect((await sales.service.call('DELETE', `/waitlist/${ana.id}`)).status).toBe(400)
    expect((await leave(ana.id, ana.leaveToken)).status).toBe(204)
    expect((await leave(ana.id, ana.leaveToken)).status).toBe(204)
    expect(await line(eventId)).toMatchObject([
      { state: 'LEFT', position: null },
      { id: ben.id, position: 1 },
    ])
    expect(await line(eventId, '&state=LEFT')).toHaveLength(1)
    const again = await joined(eventId, 'ana')
    expect([again.id === ana.id, again.position]).toEqual([false, 2])
    expect((await offer(ana.id)).body.code).toBe('STATE_CONFLICT')
  })

  it('is listed in pages, for staff', async () => {
    const { eventId } = await full()
    for (const who of ['a', 'b', 'c']) await joined(eventId, who)
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
    expect((await page('&state=AWAY')).status).toBe(400)
    const path = `/events/${eventId}/waitlist`
    expect((await sales.service.call('GET', path, { token: sales.customer.token })).status).toBe(403)
    expect((await sales.service.call('GET', path)).status).toBe(401)
  })

  it('takes who could be offered something, thirty a minute from one address', async () => {
    const { eventId } = await full({ maxHeldPerCustomer: 4 })
    expect((await join('evt_none', 'ana')).status).toBe(404)
    expect((await join(eventId, 'ana', 5)).body).toMatchObject({ code: 'VALIDATION_FAILED' })
    expect((await join(eventId, 'ana', 0)).status).toBe(400)
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => join(eventId, `p${i}`, 1, sales.service, '10.1.1.1')),
    )
    expect(tally(answers)).toEqual({ '201': 30, '429 RATE_LIMITED': 10 })
    const closed = await sales.event()
    await sales.service.call('POST', `/events/${closed}/close`, { token: sales.admin.token })
    expect((await join(closed, 'ana')).body.code).toBe('STATE_CONFLICT')
  })
})

describe('an offer by hand', () => {
  it('holds tickets that a token claims, once', async () => {
    const { eventId, hold } = await full()
    const ana = await joined(eventId, 'ana', 2)
    expect((await offer(ana.id)).body.code).toBe('SOLD_OUT')
    await sales.release(hold.id)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => offer(ana.id, {}, i % 2 ? second : sales.service)),
    )
    expect(tally(answers)).toEqual({ '201': 1, '409 STATE_CONFLICT': 11 })
    const made = answers.find(({ status }) => status === 201)?.body
    expect(made).toMatchObject({ state: 'HELD', quantity: 2 })
    expect(Date.parse(made?.expiresAt ?? '') - Date.now()).toBeGreaterThan(3_600_000)
    expect((await sales.get(made?.id ?? '')).status).toBe(404)
    const token = await mailed('ana')
    expect((await claim(ana.id, { token: ana.leaveToken })).status).toBe(404)
    const look = await sales.service.call('GET', `/waitlist/${ana.id}?token=${token}`)
    expect(look.body).toMatchObject({ state: 'OFFERED', priced: false, offer: { state: 'HELD', quantity: 2 } })
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(ana.id, { token })))
    expect(tally(claims)).toEqual({ '200': 8 })
    expect(claims[0]?.body.tickets).toHaveLength(2)
    expect(new Set(claims.map(({ body }) => JSON.stringify(body.tickets))).size).toBe(1)
    const order = await sales.prisma.order.findFirstOrThrow({ where: { eventId } })
    expect(order).toMatchObject({ buyerName: 'ana', buyerEmail: 'ana@example.com' })
    expect(await line(eventId)).toMatchObject([{ state: 'CONFIRMED', position: null }])
    expect((await leave(ana.id, ana.leaveToken)).body.code).toBe('STATE_CONFLICT')
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2, 'ALLOCATED:DIRECT': 2 })
  })

  it('lapses, is given back by leaving, and never touches the safety stock', async () => {
    const { eventId, hold } = await full({ capacity: 8, safetyStockRatio: 0.5 })
    const [ana, ben, eve] = [await joined(eventId, 'ana'), await joined(eventId, 'ben'), await joined(eventId, 'eve')]
    expect((await offer(ana.id)).body.code).toBe('SOLD_OUT')
    await sales.release(hold.id)
    expect((await offer(ana.id, { ttlSeconds: 60 })).status).toBe(201)
    const token = await mailed('ana')
    expect((await offer(ben.id)).status).toBe(201)
    expect((await leave(ben.id, ben.leaveToken)).status).toBe(204)
    expect((await offer(eve.id)).status).toBe(201)
    sales.setClock(() => new Date(Date.now() + 61_000))
    expect((await claim(ana.id, { token })).status).toBe(410)
    await sales.service.app.get(HoldExpiry).sweep()
    expect(await line(eventId)).toMatchObject([
      { state: 'LAPSED', position: null },
      { state: 'LEFT', position: null },
      { state: 'OFFERED', position: 1 },
    ])
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 1, SAFETY: 4, 'ALLOCATED:DIRECT': 3 })
  })

  it('of a priced event is paid like every other hold', async () => {
    sales.service.app.get(PaymentWorker).start()
    const eventId = await sales.event({ priceCents: 500 })
    const [ana, ben] = [await joined(eventId, 'ana'), await joined(eventId, 'ben')]
    for (const { id } of [ana, ben]) expect((await offer(id)).status).toBe(201)
    const token = await mailed('ana')
    expect((await claim(ana.id, { token })).body.errors?.[0]?.field).toBe('payment')
    expect((await claim(ana.id, { token, payment: { token: 'good' } })).status).toBe(202)
    expect((await leave(ana.id, ana.leaveToken)).status).toBe(409)
    await claim(ben.id, { token: await mailed('ben'), buyer: BUYER, payment: { token: 'decline' } })
    await until(async () => {
      expect((await line(eventId)).map(({ state }) => state)).toEqual(['CONFIRMED', 'LAPSED'])
    })
    await sales.mustBeSound(eventId)
  })

  it('names seats that are free', async () => {
    const seats = [{ section: 'Stalls', rows: [{ row: 'A', count: 4 }] }]
    const eventId = await sales.event({ capacity: 4, seats })
    await sales.held(eventId, { seats: ['Stalls-A-2'] })
    const [ana, ben] = [await joined(eventId, 'ana', 2), await joined(eventId, 'ben', 2)]
    expect((await offer(ana.id)).body.seats).toEqual(['Stalls-A-1', 'Stalls-A-3'])
    expect((await offer(ben.id)).body.code).toBe('SOLD_OUT')
    await sales.mustBeSound(eventId)
  })

  it('is none while the event is paused', async () => {
    const eventId = await sales.event()
    const ana = await joined(eventId, 'ana')
    await sales.service.call('POST', `/events/${eventId}/pause`, { token: sales.admin.token })
    expect((await offer(ana.id)).body.code).toBe('STATE_CONFLICT')
    expect((await offer('wle_none')).status).toBe(404)
  })
})

describe('offers by themselves', () => {
  const automatic = { waitlistPolicy: 'AUTOMATIC' }
  const all = () => [sales.service, second].map(({ app }) => app.get(WaitlistOffers))

  it('go to the next in line as tickets become free, each once, from many processes at once', async () => {
    const { eventId, hold } = await full(automatic, 30)
    for (let index = 0; index < 40; index++) await joined(eventId, `p${index}`)
    await Promise.all(all().map((offers) => offers.offerAll()))
    expect((await line(eventId)).every(({ state }) => state === 'WAITING')).toBe(true)
    await sales.release(hold.id)
    await Promise.all(Array.from({ length: 10 }, async (_, i) => all()[i % 2]?.offerAll()))
    const items = await line(eventId)
    expect(items.map(({ state }) => state)).toEqual(items.map((_, index) => (index < 30 ? 'OFFERED' : 'WAITING')))
    const holds = await sales.prisma.hold.findMany({ where: { eventId, accountId: null, state: 'HELD' } })
    expect([holds.length, new Set(items.map(({ holdId }) => holdId)).size]).toEqual([30, 31])
    expect(await sales.prisma.mail.count({ where: { kind: 'OFFER', text: { contains: items[0]?.id ?? '' } } })).toBe(1)
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 30, 'ALLOCATED:DIRECT': 0 })

    // What lapses goes to the next ones; what was claimed does not.
    const first = items[0]
    expect((await claim(first?.id ?? '', { token: await mailed('p0') })).status).toBe(200)
    sales.setClock(() => new Date(Date.now() + 7 * 3_600_000))
    await sales.service.app.get(HoldExpiry).sweep()
    await Promise.all(all().map((offers) => offers.offerAll()))
    const after = await line(eventId)
    expect(after.slice(0, 2).map(({ state }) => state)).toEqual(['CONFIRMED', 'LAPSED'])
    expect(after.slice(30).map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'OFFERED'))
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 10, 'SOLD:DIRECT': 1, 'ALLOCATED:DIRECT': 19 })
  })

  it('go to an address once, however often it joined, and again when it joins anew', async () => {
    const { eventId, hold } = await full(automatic, 4)
    const [first, twin] = [await joined(eventId, 'ana'), await joined(eventId, 'Ana', 2)]
    const ben = await joined(eventId, 'ben')
    const states = async () => (await line(eventId)).map(({ id, state }) => [id, state])
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
    const anew = await joined(eventId, 'ana')
    await all()[0]?.offerAll()
    expect((await states()).at(-1)).toEqual([anew.id, 'OFFERED'])
    await sales.mustBeSound(eventId)
  })

  it('that somebody else declines go to the next entry of the address', async () => {
    const { eventId, hold } = await full(automatic, 4)
    const [stranger, ana] = [await joined(eventId, 'ana'), await joined(eventId, 'ana', 2)]
    await sales.release(hold.id)
    await all()[0]?.offerAll()
    expect((await leave(stranger.id, stranger.leaveToken)).status).toBe(204)
    await all()[0]?.offerAll()
    expect(await line(eventId)).toMatchObject([
      { id: stranger.id, state: 'LEFT' },
      { id: ana.id, state: 'OFFERED', quantity: 2 },
    ])
    expect((await claim(ana.id, { token: await mailed('ana') })).status).toBe(200)
    await sales.mustBeSound(eventId)
  })

  it('happen on their own, and race with customers without selling more than there is', async () => {
    for (const offers of all()) offers.start()
    const { eventId, hold } = await full(automatic, 10)
    for (let index = 0; index < 10; index++) await joined(eventId, `r${index}`)
    const rush = Array.from({ length: 40 }, async (_, index) => {
      if (index === 10) await sales.release(hold.id)
      return sales.hold(eventId, { quantity: 1 }, { on: index % 2 ? second : sales.service })
    })
    const answers = await Promise.all(rush)
    const bought = answers.filter(({ status }) => status === 201).length
    await until(async () => {
      const offered = (await line(eventId)).filter(({ state }) => state === 'OFFERED').length
      expect(offered + bought).toBe(10)
    })
    for (const offers of all()) await offers.beforeApplicationShutdown()
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 10, 'ALLOCATED:DIRECT': 0 })
  })

  it('skip who wants more than is free, and are none after the red alarm, in a pause, or where they are not wanted', async () => {
    const big = await full(automatic, 2)
    const [ana, ben] = [await joined(big.eventId, 'ana', 3), await joined(big.eventId, 'ben', 2)]
    await sales.release(big.hold.id)
    const quiet = await Promise.all(
      [{ waitlistPolicy: 'MANUAL' }, automatic, automatic].map(async (fields) => {
        const eventId = await sales.event(fields)
        await joined(eventId, 'ana')
        return eventId
      }),
    )
    await sales.service.call('POST', `/events/${quiet[1]}/pause`, { token: sales.admin.token })
    await sales.prisma.event.update({ where: { id: quiet[2] ?? '' }, data: { redAlarmSince: new Date() } })
    await all()[0]?.offerAll()
    expect(await line(big.eventId)).toMatchObject([
      { id: ana.id, state: 'WAITING' },
      { id: ben.id, state: 'OFFERED' },
    ])
    for (const eventId of quiet) expect(await line(eventId)).toMatchObject([{ state: 'WAITING' }])
    const patched = await sales.service.call('PATCH', `/events/${quiet[0]}`, {
      token: sales.operator.token,
      body: { waitlistPolicy: 'AUTOMATIC' },
    })
    expect(patched.body).toMatchObject({ waitlistPolicy: 'AUTOMATIC' })
    await all()[0]?.offerAll()
    expect(await line(quiet[0] ?? '')).toMatchObject([{ state: 'OFFERED' }])
  })
})

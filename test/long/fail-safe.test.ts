import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { redis } from '../support/embedded.js'
import { modeOf, startWatchedTestSystem, untilChannels, untilMode, type WatchedTestSystem } from '../support/outage.js'
import { until, WEBHOOK_TOKEN, type Listings } from '../support/test-system.js'

const OPEN = { open: 3, waitlistOnly: 0, pending: 0 }
const CLOSED = { open: 0, waitlistOnly: 3, pending: 0 }

let system: WatchedTestSystem
let listings: Listings
let eventId: string
let prisma: PrismaService

beforeAll(async () => {
  system = await startWatchedTestSystem({ instances: 2 })
  prisma = system.app.app.get(PrismaService)
  listings = system.list()
  eventId = await system.createEvent(200, listings, { directWeight: 1 })
  await untilChannels(system, OPEN)
  // No platform takes a cap of 0: closed is closed for whoever has sold something.
  system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1, buyer: BUYER })
  system.luma.control.register({ eventId: listings.luma, email: BUYER.email })
  system.meetup.control.rsvp(listings.meetup, { memberName: BUYER.name })
  await until(async () => expect((await system.stock(eventId)).sold).toBe(3))
})
afterAll(async () => system?.close())

const hold = (instance = 0) =>
  system.apps[instance]!.call('POST', `/events/${eventId}/holds`, { token: system.token, body: { quantity: 1 } })
const setMode = (body: object, token = system.token) => system.app.call('POST', '/system/mode', { token, body })
const alerts = () => prisma.alert.findMany({ where: { kind: 'FAIL_SAFE' }, orderBy: { id: 'asc' } })
const transitions = async () =>
  (await prisma.modeTransition.findMany({ orderBy: { id: 'asc' } })).map(({ mode, cause }) => `${cause} ${mode}`)

async function noneBuys(): Promise<void> {
  expect(system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1, buyer: BUYER }).orderId).toBeNull()
  expect(system.luma.control.register({ eventId: listings.luma, email: 'x@example.com' }).status).not.toBe('approved')
  expect(system.meetup.control.rsvp(listings.meetup, { memberName: 'Noone' }).status).not.toBe('YES')
}
const BUYER = { name: 'Ada Example', email: 'ada@example.com' }

describe('forced by an operator', () => {
  it('is for operators, and needs a reason', async () => {
    expect((await setMode({ mode: 'FAIL_SAFE' })).body).toMatchObject({ errors: [{ field: 'reason' }] })
    expect((await setMode({ mode: 'FAIL_SAFE', reason: '   ' })).status).toBe(400)
    expect((await setMode({ mode: 'SAFE', reason: 'x' })).status).toBe(400)
    expect((await system.app.call('GET', '/system/mode')).status).toBe(401)
    expect((await modeOf(system)).mode).toBe('NORMAL')
  })

  it('refuses all sales in all processes, closes every platform, and ends as it began', async () => {
    expect((await hold(1)).status).toBe(201)
    const direct = { name: 'At the door only', startsAt: '2031-01-01T18:00:00Z', capacity: 50, directWeight: 1 }
    const atTheDoor = await system.app.call<{ id: string }>('POST', '/events', { token: system.token, body: direct })
    const forced = await setMode({ mode: 'FAIL_SAFE', reason: 'rehearsal' })
    expect(forced.status).toBe(200)
    expect(forced.body).toMatchObject({ mode: 'FAIL_SAFE', forced: true, reason: 'rehearsal' })
    for (const instance of [0, 1]) {
      const refused = await until(async () => {
        const answer = await hold(instance)
        expect(answer.status).toBe(503)
        return answer
      }, 2_000)
      expect(refused.body).toMatchObject({ code: 'FAIL_SAFE', status: 503 })
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    }
    const sale = { quantity: 1, buyer: BUYER, reason: 'guest' }
    const bySafety = await system.app.call('POST', `/events/${eventId}/safety-stock/sales`, {
      token: system.token,
      body: sale,
    })
    expect(bySafety.body).toMatchObject({ code: 'FAIL_SAFE' })
    await untilChannels(system, CLOSED)
    await noneBuys()
    expect((await system.stock(eventId)).channels.map(({ mode }) => mode)).toEqual(Array(4).fill('WAITLIST_ONLY'))
    expect(await alerts()).toHaveLength(1)
    expect(await prisma.auditEntry.count({ where: { action: 'system.fail-safe.on' } })).toBe(1)

    const lowered = await system.app.call('PATCH', `/events/${atTheDoor.body.id}`, {
      token: system.token,
      body: { capacity: 40 },
    })
    expect(lowered).toMatchObject({ status: 200, body: { targetCapacity: 40 } })

    await setMode({ mode: 'NORMAL', reason: 'rehearsal is over' })
    await untilMode(system, 'NORMAL')
    await untilChannels(system, OPEN)
    const { channels } = await system.stock(eventId)
    for (const { platform, sold, desiredCap } of channels) {
      if (platform !== 'DIRECT') expect(desiredCap).toBeGreaterThan(sold)
    }
    expect(channels.reduce((sum, { allocation, sold }) => sum + allocation + sold, 0)).toBeLessThanOrEqual(180)
    expect(await transitions()).toEqual(['forced FAIL_SAFE', 'released FAIL_SAFE', 'recovered NORMAL'])
    expect(await prisma.auditEntry.count({ where: { action: 'system.fail-safe.off' } })).toBe(1)
    await until(async () => expect((await hold(1)).status).toBe(201))
    await until(async () => expect(await system.stock(atTheDoor.body.id)).toMatchObject({ capacity: 40 }))
  })
})

describe('Redis is killed', () => {
  it('is noticed by everyone, closes everything without it, keeps webhooks, and recovers in order', async () => {
    const before = (await alerts()).length
    await system.redis.kill()
    // What was sold a moment before and no webhook could tell of.
    system.luma.control.register({ eventId: listings.luma, email: 'late@example.com' })
    expect((await hold()).status).toBe(503)
    await untilMode(system, 'FAIL_SAFE', 3_000)
    await until(async () => expect((await hold(1)).body).toMatchObject({ code: 'FAIL_SAFE' }), 2_000)
    const ready = await system.app.call('GET', '//health/ready')
    expect(ready.status).toBe(503)
    expect(ready.body).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ field: 'redis' })]) })
    await untilChannels(system, CLOSED, 10_000)
    await noneBuys()
    expect(await alerts()).toHaveLength(before + 1)

    const order = JSON.stringify({
      config: { action: 'order.placed', user_id: '1', endpoint_url: '', webhook_id: '1' },
      api_url: 'https://www.eventbriteapi.com/v3/orders/777/',
    })
    const headers = { 'content-type': 'application/json' }
    const path = `${system.app.url}/webhooks/eventbrite/${WEBHOOK_TOKEN}`
    expect((await fetch(path, { method: 'POST', headers, body: order })).status).toBe(202)
    expect(await prisma.inboxEntry.count({ where: { drainedAt: null } })).toBeGreaterThan(0)
    const metrics = String((await system.app.call('GET', '//metrics')).body)
    expect(metrics).toMatch(/^trafficpolice_failsafe_active 1$/m)
    expect(Number(/^trafficpolice_inbox_oldest_unprocessed_age_seconds (.+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0)

    // Forced and released while it is away: it stays in the mode, and recovers by itself afterwards.
    await setMode({ mode: 'FAIL_SAFE', reason: 'by hand too' })
    expect(await modeOf(system, 1)).toMatchObject({ forced: true })
    const released = await setMode({ mode: 'NORMAL', reason: 'no more' })
    expect(released.body).toMatchObject({ mode: 'FAIL_SAFE', forced: false })

    await system.redis.restart()
    await untilMode(system, 'NORMAL')
    expect(await prisma.inboxEntry.count({ where: { drainedAt: null } })).toBe(0)
    await untilChannels(system, OPEN)
    await until(async () => {
      const stock = await system.stock(eventId)
      const luma = stock.channels.find(({ platform }) => platform === 'LUMA')
      expect(luma?.sold).toBe(system.truth(listings).sold.LUMA)
      expect(luma?.sold).toBeGreaterThan(0)
    })
    await until(async () => expect((await hold()).status).toBe(201))
  })
})

describe('Redis hangs', () => {
  it('is away all the same; what comes back is not trusted before it is read anew', async () => {
    const { epoch } = await system.stock(eventId)
    system.redis.pause()
    await untilMode(system, 'FAIL_SAFE', 4_000)
    await untilChannels(system, CLOSED, 10_000)
    system.redis.resume()
    await untilMode(system, 'NORMAL')
    expect((await system.stock(eventId)).epoch).toBeGreaterThan(epoch)
    await untilChannels(system, OPEN)
  })
})

describe('Redis is emptied or replaced too fast to be missed', () => {
  const renewed = async (one: WatchedTestSystem, event: string, what: () => Promise<unknown>) => {
    const { systemMode, modeTransition } = one.app.app.get(PrismaService)
    const { epoch } = await one.stock(event)
    const already = await modeTransition.count()
    const { redisCanary } = await systemMode.findFirstOrThrow()
    await what()
    await until(async () => expect((await systemMode.findFirstOrThrow()).redisCanary).not.toBe(redisCanary))
    await until(async () => expect((await one.stock(event)).epoch).toBeGreaterThan(epoch))
    const body = { quantity: 1 }
    const held = () => one.app.call('POST', `/events/${event}/holds`, { token: one.token, body })
    await until(async () => expect((await held()).status).toBe(201))
    expect(await modeTransition.count()).toBe(already)
  }

  it('emptied: gates are rebuilt at once, and sales it forgot are read', () =>
    renewed(system, eventId, () => redis(system.redis.url, 'FLUSHALL')))

  it('restarted with its data: another run of the server is another server', async () => {
    // However long the server takes to start here, it is back before it is missed.
    const patient = await startWatchedTestSystem({ env: { FAIL_SAFE_AFTER_MS: '10000' } })
    try {
      const event = await patient.createEvent(200, patient.list(), { directWeight: 1 })
      await untilChannels(patient, OPEN)
      await renewed(patient, event, () => patient.redis.restart())
    } finally {
      await patient.close()
    }
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { redis } from '../../support/servers/embedded.js'
import {
  modeOf,
  startWatchedTestSystem,
  untilChannels,
  untilMode,
  type WatchedTestSystem,
} from '../../support/service/outage.js'
import { until, WEBHOOK_TOKEN, type Listings } from '../../support/service/test-system.js'

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
  // No platform accepts a cap of 0: only a channel that has sold something can be closed completely.
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

async function expectNoSales(): Promise<void> {
  expect(system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1, buyer: BUYER }).orderId).toBeNull()
  expect(system.luma.control.register({ eventId: listings.luma, email: 'x@example.com' }).status).not.toBe('approved')
  expect(system.meetup.control.rsvp(listings.meetup, { memberName: 'Max Member' }).status).not.toBe('YES')
}
const BUYER = { name: 'Ada Example', email: 'ada@example.com' }

describe('Fail-safe mode that an operator forces', () => {
  it('requires an operator and a reason', async () => {
    expect((await setMode({ mode: 'FAIL_SAFE' })).body).toMatchObject({ errors: [{ field: 'reason' }] })
    expect((await setMode({ mode: 'FAIL_SAFE', reason: '   ' })).status).toBe(400)
    expect((await setMode({ mode: 'SAFE', reason: 'x' })).status).toBe(400)
    expect((await system.app.call('GET', '/system/mode')).status).toBe(401)
    expect((await modeOf(system)).mode).toBe('NORMAL')
  })

  it('refuses all sales in all instances, closes every platform, and reopens them when it ends', async () => {
    expect((await hold(1)).status).toBe(201)
    const direct = { name: 'At the door only', startsAt: '2031-01-01T18:00:00Z', capacity: 50, directWeight: 1 }
    const atTheDoor = await system.app.call<{ id: string }>('POST', '/events', { token: system.token, body: direct })
    const forced = await setMode({ mode: 'FAIL_SAFE', reason: 'rehearsal' })
    expect(forced.status).toBe(200)
    expect(forced.body).toMatchObject({ mode: 'FAIL_SAFE', forced: true, reason: 'rehearsal' })
    for (const instance of [0, 1]) {
      const refused = await until(async () => {
        const response = await hold(instance)
        expect(response.status).toBe(503)
        return response
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
    await expectNoSales()
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

describe('Fail-safe mode after Redis is killed', () => {
  it('is active in all instances, closes all platforms, stores webhooks, and ends after a recovery', async () => {
    const before = (await alerts()).length
    await system.redis.kill()
    // Sold at the last moment; no webhook could be received.
    system.luma.control.register({ eventId: listings.luma, email: 'late@example.com' })
    expect((await hold()).status).toBe(503)
    await untilMode(system, 'FAIL_SAFE', 3_000)
    await until(async () => expect((await hold(1)).body).toMatchObject({ code: 'FAIL_SAFE' }), 2_000)
    const ready = await system.app.call('GET', '//health/ready')
    expect(ready.status).toBe(503)
    expect(ready.body).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ field: 'redis' })]) })
    await untilChannels(system, CLOSED, 10_000)
    await expectNoSales()
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

    // Forced and released while Redis is unavailable: the mode stays active and recovers automatically afterwards.
    await setMode({ mode: 'FAIL_SAFE', reason: 'forced' })
    expect(await modeOf(system, 1)).toMatchObject({ forced: true })
    const released = await setMode({ mode: 'NORMAL', reason: 'released' })
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

describe('Fail-safe mode while Redis hangs', () => {
  it('is active as after a kill, and ends only after the gates are rebuilt', async () => {
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

describe('The gate rebuild after a short loss of Redis', () => {
  const expectRebuild = async (one: WatchedTestSystem, event: string, loseState: () => Promise<unknown>) => {
    const { systemMode, modeTransition } = one.app.app.get(PrismaService)
    const { epoch } = await one.stock(event)
    const transitionsBefore = await modeTransition.count()
    const { redisCanary } = await systemMode.findFirstOrThrow()
    await loseState()
    await until(async () => expect((await systemMode.findFirstOrThrow()).redisCanary).not.toBe(redisCanary))
    await until(async () => expect((await one.stock(event)).epoch).toBeGreaterThan(epoch))
    const body = { quantity: 1 }
    const createHold = () => one.app.call('POST', `/events/${event}/holds`, { token: one.token, body })
    await until(async () => expect((await createHold()).status).toBe(201))
    expect(await modeTransition.count()).toBe(transitionsBefore)
  }

  it('runs without fail-safe mode when Redis is emptied', () =>
    expectRebuild(system, eventId, () => redis(system.redis.url, 'FLUSHALL')))

  it('runs without fail-safe mode when Redis restarts with its data', async () => {
    // The delay is longer than a restart of Redis on a slow machine.
    const tolerant = await startWatchedTestSystem({ env: { FAIL_SAFE_AFTER_MS: '10000' } })
    try {
      const event = await tolerant.createEvent(200, tolerant.list(), { directWeight: 1 })
      await untilChannels(tolerant, OPEN)
      await expectRebuild(tolerant, event, () => tolerant.redis.restart())
    } finally {
      await tolerant.close()
    }
  })
})

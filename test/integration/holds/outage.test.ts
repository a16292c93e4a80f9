import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { Sales, tally } from '../../support/fixtures/sales.js'

let redis: DedicatedRedis
let sales: Sales

beforeAll(async () => {
  redis = await startRedis()
  sales = await Sales.start({ redisUrl: redis.url })
})

afterAll(async () => {
  await sales?.stop()
  await redis?.stop()
})

describe('Direct sales in a Redis outage', () => {
  it('return 503 at once and move no stock while Redis is unavailable, and resume afterwards', async () => {
    const eventId = await sales.event()
    const { id } = await sales.createHold(eventId, { quantity: 2 })
    const overdue = await sales.createHold(eventId, { quantity: 3, ttlSeconds: 1 })
    await redis.kill()
    const started = Date.now()
    const refused = await Promise.all(Array.from({ length: 100 }, () => sales.hold(eventId, { quantity: 1 })))
    expect(tally(refused)).toEqual({ '503 UNAVAILABLE': 100 })
    expect(Date.now() - started).toBeLessThan(2_000)
    expect(tally([await sales.confirm(id), await sales.release(id)])).toEqual({ '503 UNAVAILABLE': 2 })
    expect((await sales.get(id)).body.state).toBe('HELD')
    sales.setClock(() => new Date(Date.now() + 2_000))
    expect((await sales.get(overdue.id)).body.state).toBe('EXPIRED')
    await sales.service.app.get(HoldExpiry).sweep()
    expect((await sales.balances(eventId)).HELD).toBe(5)

    await redis.restart({ empty: true })
    await expect.poll(async () => (await sales.confirm(id)).status, { timeout: 5_000 }).toBe(200)
    const sweep = () => sales.service.app.get(HoldExpiry).sweep()
    // It failed before, so that it is paused for a moment.
    await expect.poll(async () => (await sweep(), (await sales.balances(eventId)).HELD), { timeout: 10_000 }).toBe(0)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2, 'ALLOCATED:DIRECT': 98 })
  })

  it('return 503 to 100 concurrent requests within one timeout while Redis hangs', async () => {
    const eventId = await sales.event()
    redis.pause()
    const started = Date.now()
    const refused = await Promise.all(Array.from({ length: 100 }, () => sales.hold(eventId, { quantity: 1 })))
    const elapsedMs = Date.now() - started
    redis.resume()
    expect(tally(refused)).toEqual({ '503 UNAVAILABLE': 100 })
    expect(elapsedMs).toBeLessThan(3_000)
    await expect.poll(async () => (await sales.hold(eventId, { quantity: 1 })).status, { timeout: 5_000 }).toBe(201)
  })
})

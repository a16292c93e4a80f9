import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import { createRedis, type RedisClient } from '../../../src/infrastructure/redis/create-redis.js'
import type { Budget } from '../../../src/platforms/throttle/limiter.js'
import { RedisLimiter } from '../../../src/platforms/throttle/redis-limiter.js'
import { ResilientLimiter } from '../../../src/platforms/throttle/resilient-limiter.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { acquireRepeatedly, worstWindow } from '../../support/platforms/throttle.js'

const clock = new SystemClock()
const budget: Budget = { bucket: 'quick', limit: 100, windowSeconds: 1, reserve: 0.2, burst: 30 }
const slow: Budget = { bucket: 'slow', limit: 1_000, windowSeconds: 3_600, reserve: 0.2 }

describe('ResilientLimiter during a Redis outage', () => {
  let redis: DedicatedRedis
  const clients: RedisClient[] = []
  const lines: string[] = []

  beforeEach(async () => {
    lines.length = 0
    redis = await startRedis({ durable: false })
  })

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect()
    await redis.stop()
  })

  async function instance(liveInstances = 2): Promise<ResilientLimiter> {
    const client = createRedis(redis.url, 'limiter')
    clients.push(client)
    while (client.status !== 'ready') await sleep(10)
    return new ResilientLimiter({
      redis: new RedisLimiter(client, clock),
      clock,
      liveInstances: () => liveInstances,
      log: (level, message) => lines.push(`${level} ${message}`),
    })
  }

  async function waitForRecovery(...limiters: ResilientLimiter[]): Promise<void> {
    for (let tries = 0; limiters.some(({ degraded }) => degraded); tries++) {
      if (tries > 200) throw new Error('the limiter did not return to Redis')
      await Promise.all(limiters.map((each) => each.acquire(slow, 1, 'bulk')))
      await sleep(50)
    }
  }

  it('keeps the limit in every window through a kill, an outage, an empty restart and the recovery', async () => {
    const limiters = await Promise.all([instance(), instance()])
    const running = Promise.all(limiters.map((each) => acquireRepeatedly(each, budget, 'protect', 9_000)))
    await sleep(2_500)
    await redis.kill()
    await sleep(2_500)
    expect(limiters.map(({ degraded }) => degraded)).toEqual([true, true])
    await redis.restart({ empty: true })
    const granted = (await running).flat()
    expect(limiters.map(({ degraded }) => degraded)).toEqual([false, false])
    expect(worstWindow(granted, 1_000)).toBeLessThanOrEqual(budget.limit)
    expect(granted.length).toBeGreaterThan(250)
    expect(lines.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'info Redis available again; outbound rate limits are shared',
      'info Redis available again; outbound rate limits are shared',
      'warn Redis unavailable; outbound rate limits are local to this process',
      'warn Redis unavailable; outbound rate limits are local to this process',
    ])
  })

  it('grants only protect during the outage, up to its share of half the limit', async () => {
    const limiter = await instance(2)
    await redis.kill()
    const granted = await acquireRepeatedly(limiter, budget, 'protect', 2_500)
    expect(worstWindow(granted, 1_000)).toBeLessThanOrEqual(25)
    expect(granted.length).toBeGreaterThan(2.5 * 15 * 0.8)
    for (const lane of ['grow', 'bulk'] as const) {
      expect(await limiter.acquire(budget, 1, lane)).toEqual({ granted: false, waitMs: 5_000 })
    }
  })

  it('degrades within the timeout when Redis hangs, and recovers when it resumes', async () => {
    const limiter = await instance()
    redis.pause()
    const start = performance.now()
    const permit = await limiter.acquire(slow, 1, 'protect')
    expect(performance.now() - start).toBeLessThan(600)
    expect(permit).toMatchObject({ granted: true, reservation: 'local-1' })
    await limiter.refund(slow, 'local-1')
    redis.resume()
    await sleep(1_000)
    await waitForRecovery(limiter)
    expect(lines).toHaveLength(2)
  })

  it('charges Redis with local spending on recovery, and restores blocks that Redis has lost', async () => {
    const limiter = await instance(1)
    await limiter.observe(slow, { used: 0, limit: 1_000, resetInMs: 3_600_000 })
    await limiter.block(budget, new Date(Date.now() + 60_000))
    await redis.kill()
    expect((await limiter.acquire(budget, 1, 'protect')).granted).toBe(false)
    let local = 0
    while ((await limiter.acquire(slow, 1, 'protect')).granted) local += 1
    expect(local).toBe(45)
    await redis.restart({ empty: true })
    await sleep(1_000)
    await waitForRecovery(limiter)
    const blocked = await limiter.acquire(budget, 1, 'protect')
    if (!blocked.granted) expect(blocked.waitMs).toBeGreaterThan(45_000)
    expect(blocked.granted).toBe(false)
    // The platform's report replaces the assumed charge (90); the 45 that were actually spent remain charged.
    await limiter.observe(slow, { used: 0, limit: 1_000, resetInMs: 3_600_000 })
    let remaining = 0
    while ((await limiter.acquire(slow, 1, 'protect')).granted) remaining += 1
    expect([44, 45, 46]).toContain(remaining)
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SystemClock } from '../../src/infrastructure/clock.js'
import { createRedis, type RedisClient } from '../../src/infrastructure/redis/create-redis.js'
import type { Budget } from '../../src/platforms/throttle/limiter.js'
import { RedisLimiter } from '../../src/platforms/throttle/redis-limiter.js'
import { ResilientLimiter } from '../../src/platforms/throttle/resilient-limiter.js'
import { startRedis, type OwnRedis } from '../support/redis.js'

const clock = new SystemClock()
/** Usable 900 an hour: 90 at once, then one every 4.4 s: as good as standing still for a test. */
const slow: Budget = { bucket: 'slow', limit: 1_000, windowSeconds: 3_600, reserve: 0.2 }
/** Meetup's at twenty times its pace: 150 at once, then 100 a second. */
const brisk: Budget = { bucket: 'brisk', limit: 500, windowSeconds: 3, reserve: 0.2, burst: 500 }
/** Reports of what was known of a lost bucket are waited for so long, and a little. */
const REPORTED_MS = 3_200

describe('outbound budgets of several processes', () => {
  let redis: OwnRedis
  const clients: RedisClient[] = []

  beforeEach(async () => {
    redis = await startRedis({ durable: false })
  })

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect()
    await redis.stop()
  })

  async function instance(): Promise<ResilientLimiter> {
    const client = createRedis(redis.url, 'limiter')
    clients.push(client)
    while (client.status !== 'ready') await sleep(10)
    return new ResilientLimiter({
      redis: new RedisLimiter(client, clock),
      clock,
      liveInstances: () => 2,
      log: () => undefined,
    })
  }

  /** An installation that has spent nothing so far. */
  async function known(limiter: ResilientLimiter, budget: Budget): Promise<void> {
    await limiter.refresh(budget)
    await limiter.observe(budget, { used: 0, limit: budget.limit, resetInMs: budget.windowSeconds * 1_000 })
  }

  async function takeAll(limiter: ResilientLimiter, budget: Budget, waiter: string): Promise<number> {
    for (let taken = 0; taken < 1_000; taken++) {
      if (!(await limiter.acquire(budget, 1, 'protect', { waiter: `${waiter}-${taken}` })).granted) return taken
    }
    throw new Error('it never refuses')
  }

  async function flush(): Promise<void> {
    await clients[0]?.flushall()
  }

  describe('in line', () => {
    it('who waits for much is not overtaken by who wants little, whichever process asks', async () => {
      const [a, b] = await Promise.all([instance(), instance()])
      await known(a, slow)
      await a.acquire(slow, 80, 'protect')
      expect(await a.acquire(slow, 20, 'protect', { waiter: 'much' })).toMatchObject({ granted: false })
      const little = await b.acquire(slow, 5, 'protect', { waiter: 'little' })
      // Ten units are free, and kept for the one that came before.
      expect(little).toMatchObject({ granted: false })
      if (!little.granted) expect(little.waitMs).toBeGreaterThan(60_000)
      expect(await b.acquire(slow, 5, 'protect')).toMatchObject({ granted: false })
    })

    it('protect waits for no other lane, and a step of what has begun for none that has not', async () => {
      const limiter = await instance()
      await known(limiter, slow)
      await limiter.acquire(slow, 60, 'protect')
      expect(await limiter.acquire(slow, 30, 'grow', { waiter: 'raise' })).toMatchObject({ granted: false })
      expect(await limiter.acquire(slow, 10, 'protect', { waiter: 'closing' })).toMatchObject({ granted: true })
      expect(await limiter.acquire(slow, 40, 'protect', { waiter: 'reading' })).toMatchObject({ granted: false })
      const step = { waiter: 'second step', continues: true }
      expect(await limiter.acquire(slow, 15, 'protect', step)).toMatchObject({ granted: true })
    })

    it('a cap write goes before the reads of its lane that came earlier', async () => {
      const limiter = await instance()
      await known(limiter, slow)
      await limiter.acquire(slow, 60, 'protect')
      expect(await limiter.acquire(slow, 30, 'grow', { waiter: 'reading' })).toMatchObject({ granted: false })
      expect(await limiter.acquire(slow, 10, 'grow', { waiter: 'another reading' })).toMatchObject({ granted: false })
      const write = { waiter: 'raise', forWrite: true }
      expect(await limiter.acquire(slow, 10, 'grow', write)).toMatchObject({ granted: true })
    })

    it('each comes to its turn, those who waited longest first', async () => {
      const limiters = await Promise.all([instance(), instance()])
      await known(limiters[0], brisk)
      await limiters[0].acquire(brisk, 150, 'protect')
      const served: number[] = []
      const wait = async (n: number) => {
        const limiter = limiters[n % 2 === 0 ? 0 : 1]
        for (;;) {
          const permit = await limiter.acquire(brisk, n % 3 === 0 ? 30 : 5, 'protect', { waiter: String(n) })
          if (permit.granted) return void served.push(n)
          await sleep(permit.waitMs)
        }
      }
      const waiting: Promise<void>[] = []
      for (let n = 0; n < 9; n++) {
        waiting.push(wait(n))
        await sleep(20)
      }
      await Promise.all(waiting)
      expect(served).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    })
  })

  describe('a Redis that was emptied', () => {
    it('is told what was spent by those who spent it, and fears nothing more', async () => {
      const [a, b] = await Promise.all([instance(), instance()])
      await known(a, slow)
      await b.refresh(slow)
      await a.acquire(slow, 50, 'protect')
      await b.acquire(slow, 10, 'protect')
      await flush()
      expect(await a.acquire(slow, 1, 'protect')).toMatchObject({ granted: false })
      const told = await a.peek(slow, 'protect')
      expect(told).toBeLessThanOrEqual(REPORTED_MS)
      await b.refresh(slow)
      await sleep(REPORTED_MS)
      expect(await takeAll(a, slow, 'a')).toBeGreaterThanOrEqual(29)
      expect(await takeAll(b, slow, 'b')).toBeLessThanOrEqual(1)
    })

    it('of which nobody knew anything starts full of debt', async () => {
      const limiter = await instance()
      await limiter.refresh(slow)
      await sleep(REPORTED_MS)
      expect(await takeAll(limiter, slow, 'a')).toBeLessThanOrEqual(1)
    })

    it('is told again that a platform must not be called', async () => {
      const limiter = await instance()
      await known(limiter, slow)
      await limiter.block(slow, new Date(Date.now() + 60_000))
      await flush()
      await limiter.refresh(slow)
      await sleep(50)
      const refused = await limiter.acquire(slow, 1, 'protect')
      if (!refused.granted) expect(refused.waitMs).toBeGreaterThan(50_000)
      expect(refused.granted).toBe(false)
    })
  })

  describe('a Redis that is away', () => {
    it('leaves the whole budget, from where it stood, to the one process that claims it', async () => {
      const [closing, other] = await Promise.all([instance(), instance()])
      await known(closing, slow)
      await other.acquire(slow, 30, 'protect')
      await closing.refresh(slow)
      await redis.kill()
      closing.claim('whole', 60_000)
      other.claim('none', 60_000)
      expect(await takeAll(closing, slow, 'closing')).toBe(60)
      expect(await takeAll(other, slow, 'other')).toBe(0)
      // What was spent alone is told to a Redis that comes back, also to an empty one.
      await redis.restart({ empty: true })
      for (let tries = 0; closing.degraded && tries < 200; tries++) {
        await closing.refresh(slow)
        await sleep(50)
      }
      expect(closing.degraded).toBe(false)
      await sleep(REPORTED_MS)
      expect(await takeAll(closing, slow, 'after')).toBeLessThanOrEqual(2)
    })

    it('ends a claim that is not renewed', async () => {
      const limiter = await instance()
      await known(limiter, slow)
      await redis.kill()
      limiter.claim('none', 300)
      expect(await takeAll(limiter, slow, 'a')).toBe(0)
      await sleep(350)
      expect(await takeAll(limiter, slow, 'a')).toBeGreaterThan(0)
    })
  })
})

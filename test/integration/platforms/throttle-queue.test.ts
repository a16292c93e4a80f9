import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import { createRedis, type RedisClient } from '../../../src/infrastructure/redis/create-redis.js'
import type { Budget } from '../../../src/platforms/throttle/limiter.js'
import { RedisLimiter } from '../../../src/platforms/throttle/redis-limiter.js'
import { ResilientLimiter } from '../../../src/platforms/throttle/resilient-limiter.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'

const clock = new SystemClock()
/** Usable 900 an hour: 90 at once, then one every 4.4 s, so slow that nothing leaks out during a test. */
const slow: Budget = { bucket: 'slow', limit: 1_000, windowSeconds: 3_600, reserve: 0.2 }
/** Meetup's limit at twenty times its rate: 150 at once, then 100 a second. */
const quick: Budget = { bucket: 'quick', limit: 500, windowSeconds: 3, reserve: 0.2, burst: 500 }
/** Slightly longer than Redis waits for reports of the level of a lost bucket. */
const REPORTS_MS = 3_200

describe('ResilientLimiter with several processes', () => {
  let redis: DedicatedRedis
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

  /** Marks the budget as unspent, which removes the assumed charge of a new bucket. */
  async function markUnspent(limiter: ResilientLimiter, budget: Budget): Promise<void> {
    await limiter.refresh(budget)
    await limiter.observe(budget, { used: 0, limit: budget.limit, resetInMs: budget.windowSeconds * 1_000 })
  }

  async function acquireAll(limiter: ResilientLimiter, budget: Budget, waiter: string): Promise<number> {
    for (let granted = 0; granted < 1_000; granted++) {
      if (!(await limiter.acquire(budget, 1, 'protect', { waiter: `${waiter}-${granted}` })).granted) return granted
    }
    throw new Error('the limiter never refused')
  }

  async function flush(): Promise<void> {
    await clients[0]?.flushall()
  }

  describe('wait queue', () => {
    it('does not let a light call overtake a heavy one, across processes', async () => {
      const [a, b] = await Promise.all([instance(), instance()])
      await markUnspent(a, slow)
      await a.acquire(slow, 80, 'protect')
      expect(await a.acquire(slow, 20, 'protect', { waiter: 'heavy' })).toMatchObject({ granted: false })
      const light = await b.acquire(slow, 5, 'protect', { waiter: 'light' })
      // Ten units are free, and reserved for the earlier call.
      expect(light).toMatchObject({ granted: false })
      if (!light.granted) expect(light.waitMs).toBeGreaterThan(60_000)
      expect(await b.acquire(slow, 5, 'protect')).toMatchObject({ granted: false })
    })

    it('serves protect before other lanes, and a step of an operation in progress before first steps', async () => {
      const limiter = await instance()
      await markUnspent(limiter, slow)
      await limiter.acquire(slow, 60, 'protect')
      expect(await limiter.acquire(slow, 30, 'grow', { waiter: 'raise' })).toMatchObject({ granted: false })
      expect(await limiter.acquire(slow, 10, 'protect', { waiter: 'closing' })).toMatchObject({ granted: true })
      expect(await limiter.acquire(slow, 40, 'protect', { waiter: 'reading' })).toMatchObject({ granted: false })
      const step = { waiter: 'second step', continues: true }
      expect(await limiter.acquire(slow, 15, 'protect', step)).toMatchObject({ granted: true })
    })

    it('serves a cap write before earlier reads of its lane', async () => {
      const limiter = await instance()
      await markUnspent(limiter, slow)
      await limiter.acquire(slow, 60, 'protect')
      expect(await limiter.acquire(slow, 30, 'grow', { waiter: 'reading' })).toMatchObject({ granted: false })
      expect(await limiter.acquire(slow, 10, 'grow', { waiter: 'another reading' })).toMatchObject({ granted: false })
      const write = { waiter: 'raise', forWrite: true }
      expect(await limiter.acquire(slow, 10, 'grow', write)).toMatchObject({ granted: true })
    })

    it('serves every waiter, those who waited longest first', async () => {
      const limiters = await Promise.all([instance(), instance()])
      await markUnspent(limiters[0], quick)
      await limiters[0].acquire(quick, 150, 'protect')
      const served: number[] = []
      const wait = async (n: number) => {
        const limiter = limiters[n % 2 === 0 ? 0 : 1]
        for (;;) {
          const permit = await limiter.acquire(quick, n % 3 === 0 ? 30 : 5, 'protect', { waiter: String(n) })
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

  describe('after Redis has lost its data', () => {
    it('restores the level from the reports of the processes, and then assumes no further charge', async () => {
      const [a, b] = await Promise.all([instance(), instance()])
      await markUnspent(a, slow)
      await b.refresh(slow)
      await a.acquire(slow, 50, 'protect')
      await b.acquire(slow, 10, 'protect')
      await flush()
      expect(await a.acquire(slow, 1, 'protect')).toMatchObject({ granted: false })
      expect(await a.peek(slow, 'protect')).toBeLessThanOrEqual(REPORTS_MS)
      await b.refresh(slow)
      await sleep(REPORTS_MS)
      expect(await acquireAll(a, slow, 'a')).toBeGreaterThanOrEqual(29)
      expect(await acquireAll(b, slow, 'b')).toBeLessThanOrEqual(1)
    })

    it('assumes a full bucket when no process knows its level', async () => {
      const limiter = await instance()
      await limiter.refresh(slow)
      await sleep(REPORTS_MS)
      expect(await acquireAll(limiter, slow, 'a')).toBeLessThanOrEqual(1)
    })

    it('restores the block of a platform', async () => {
      const limiter = await instance()
      await markUnspent(limiter, slow)
      await limiter.block(slow, new Date(Date.now() + 60_000))
      await flush()
      await limiter.refresh(slow)
      // Restored in the background.
      const waitMs = async () => {
        const permit = await limiter.acquire(slow, 1, 'protect')
        return permit.granted ? 0 : permit.waitMs
      }
      await vi.waitFor(async () => expect(await waitMs()).toBeGreaterThan(50_000), { timeout: 10_000, interval: 20 })
    })
  })

  describe('while Redis is unavailable', () => {
    it('leaves the rest of the whole budget to the one process that claims it', async () => {
      const [closing, other] = await Promise.all([instance(), instance()])
      await markUnspent(closing, slow)
      await other.acquire(slow, 30, 'protect')
      await closing.refresh(slow)
      await redis.kill()
      closing.claim('whole', 60_000)
      other.claim('none', 60_000)
      expect(await acquireAll(closing, slow, 'closing')).toBe(60)
      expect(await acquireAll(other, slow, 'other')).toBe(0)
      // Local spending is charged to Redis once it is available again, even if it is empty.
      await redis.restart({ empty: true })
      for (let tries = 0; closing.degraded && tries < 200; tries++) {
        await closing.refresh(slow)
        await sleep(50)
      }
      expect(closing.degraded).toBe(false)
      await sleep(REPORTS_MS)
      expect(await acquireAll(closing, slow, 'after')).toBeLessThanOrEqual(2)
    })

    it('lets a claim expire that is not renewed', async () => {
      const limiter = await instance()
      await markUnspent(limiter, slow)
      await redis.kill()
      limiter.claim('none', 300)
      expect(await acquireAll(limiter, slow, 'a')).toBe(0)
      await sleep(350)
      expect(await acquireAll(limiter, slow, 'a')).toBeGreaterThan(0)
    })
  })
})

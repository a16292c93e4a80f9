import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ownMemory } from '../../../src/infrastructure/shared-memory.js'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import type { Budget, Permit, Turn } from '../../../src/platforms/throttle/limiter.js'
import { MemoryLimiterState, MemorySharedLimiter } from '../../../src/platforms/throttle/memory-shared-limiter.js'
import { RedisLimiter } from '../../../src/platforms/throttle/redis-limiter.js'
import { ResilientLimiter } from '../../../src/platforms/throttle/resilient-limiter.js'
import type { SharedLimiter } from '../../../src/platforms/throttle/shared-limiter.js'
import { limitersInMemory, limitersInRedis, type LimiterServer } from '../../support/fixtures/limiters.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { acquireRepeatedly, worstWindow } from '../../support/platforms/throttle.js'

const clock = new SystemClock()
/** Usable 90 a second: 30 at once, then 60 a second. */
const quick: Budget = { bucket: 'quick', limit: 100, windowSeconds: 1, reserve: 0.2, burst: 30 }
/** Usable 900 an hour: 90 at once, then one every 4.4 s, so slow that nothing leaks out during a test. */
const slow: Budget = { bucket: 'slow', limit: 1_000, windowSeconds: 3_600, reserve: 0.2 }

/** One suite for both implementations. */
describe.each<[string, () => Promise<LimiterServer>]>([
  ['in Redis', () => limitersInRedis()],
  ['in memory', () => limitersInMemory()],
])('The shared limiter %s', (_name, open) => {
  let server: LimiterServer
  let limiter: SharedLimiter
  const connect = () => server.connect()

  beforeEach(async () => {
    server = await open()
    limiter = connect()
  })

  afterEach(() => server.close())

  /** Marks the budget as unspent, which removes the assumed charge of a new bucket. */
  async function markUnspent(budget: Budget): Promise<void> {
    await limiter.acquire(budget, 1, 'protect')
    await limiter.observe(budget, { used: 0, limit: budget.limit, resetInMs: budget.windowSeconds * 1_000 })
  }

  async function acquireAll(
    budget: Budget,
    lane: 'protect' | 'grow' | 'bulk',
    { weight = 1, turn }: { weight?: number; turn?: Turn } = {},
  ): Promise<number> {
    for (let granted = 0; granted < 1_000; granted++) {
      if (!(await limiter.acquire(budget, weight, lane, turn)).granted) return granted
    }
    throw new Error('the limiter never refused')
  }

  it('keeps the limit in every window across many clients, makes use of it, and charges no refusal', async () => {
    const limiters = Array.from({ length: 8 }, connect)
    const granted = (await Promise.all(limiters.map((each) => acquireRepeatedly(each, quick, 'protect', 3_500)))).flat()
    expect(worstWindow(granted, 1_000)).toBeLessThanOrEqual(quick.limit)
    expect(granted.length).toBeGreaterThan(0.85 * 3.5 * 60)
    await sleep(600)
    expect(await acquireAll(quick, 'protect')).toBeGreaterThanOrEqual(30)
  })

  it('adapts to a platform that grants a tenth of the configured limit, with a share for every lane', async () => {
    const redis = connect()
    const resilient = new ResilientLimiter({ redis, clock, liveInstances: () => 1, log: () => undefined })
    const wide: Budget = { ...quick, bucket: 'wide', limit: 1_000 }
    const startedAt = performance.now()
    const windows = new Map<number, number>()
    const serve = async () => {
      const sinceStart = performance.now() - startedAt
      const window = Math.floor(sinceStart / 1_000)
      const used = (windows.get(window) ?? 0) + 1
      windows.set(window, used)
      await resilient.observe(wide, { used, limit: quick.limit, resetInMs: 1_000 - (sinceStart % 1_000) })
    }
    const lane = async (name: 'protect' | 'grow' | 'bulk', pauseMs: number) => {
      let granted = 0
      while (performance.now() - startedAt < 4_000) {
        const permit = await resilient.acquire(wide, 1, name)
        if (permit.granted) await serve()
        granted += permit.granted ? 1 : 0
        await sleep(permit.granted ? pauseMs : Math.min(permit.waitMs, 5))
      }
      return granted
    }
    const granted = await Promise.all([lane('protect', 100), lane('grow', 0), lane('bulk', 0)])
    expect(Math.max(...windows.values())).toBeLessThanOrEqual(quick.limit)
    for (const share of granted) expect(share).toBeGreaterThan(20)
  })

  it('starts with a full assumed charge, which leaks out or is replaced by what the platform reports', async () => {
    const first = await limiter.acquire(slow, 1, 'protect')
    expect(first).toEqual({ granted: false, waitMs: Math.ceil(1 / (810 / 3_600_000)) })
    await limiter.observe(slow, { used: 40, limit: 1_000, resetInMs: 3_600_000 })
    expect(await acquireAll(slow, 'protect')).toBe(50)
    await limiter.observe(slow, { used: 0, limit: 1_000, resetInMs: 3_600_000 })
    expect(await acquireAll(slow, 'protect')).toBe(0)
  })

  it('charges no assumption of a bucket that is lost again before anyone has reported its level', async () => {
    expect((await limiter.acquire(slow, 1, 'protect')).granted).toBe(false)
    await server.empty()
    expect((await limiter.acquire(slow, 1, 'protect')).granted).toBe(false)
    await limiter.observe(slow, { used: 40, limit: 1_000, resetInMs: 3_600_000 })
    expect(await acquireAll(slow, 'protect')).toBe(50)
  })

  it('raises the level to the platform’s own count until its reset', async () => {
    await markUnspent(slow)
    await limiter.observe(slow, { used: 880, limit: 1_000, resetInMs: 10_000 })
    // 20 remain of the usable 900; the rate alone grants two of them before the reset.
    expect(await acquireAll(slow, 'protect')).toBe(17)
  })

  it('keeps a reserve for protect', async () => {
    await markUnspent(slow)
    expect(await acquireAll(slow, 'grow')).toBe(54)
    // An equal share is for cap writes.
    expect(await acquireAll(slow, 'grow', { turn: { waiter: 'raise', forWrite: true } })).toBe(18)
    expect(await acquireAll(slow, 'protect')).toBe(18)
    expect(await acquireAll(slow, 'grow')).toBe(0)
  })

  it('lets bulk start only while a third of the burst or less is charged', async () => {
    await markUnspent(slow)
    expect(await acquireAll(slow, 'bulk')).toBe(31)
    expect(await acquireAll(slow, 'grow')).toBe(23)
  })

  it('grants grow its minimum share under constant load of protect', async () => {
    const [grow, ...others] = Array.from({ length: 4 }, connect) as [SharedLimiter, ...SharedLimiter[]]
    const [grown, ...protecting] = await Promise.all([
      acquireRepeatedly(grow, quick, 'grow', 6_000),
      ...others.map((each) => acquireRepeatedly(each, quick, 'protect', 6_000)),
    ])
    expect(grown.length).toBeGreaterThanOrEqual(3)
    expect(grown.length).toBeLessThanOrEqual(20)
    expect(protecting.flat().length).toBeGreaterThan(0.75 * 6 * 60)
  })

  it('refunds a reservation once, and ignores unknown ones', async () => {
    await markUnspent(slow)
    const permit = (await limiter.acquire(slow, 80, 'protect')) as Extract<Permit, { granted: true }>
    expect(permit.granted).toBe(true)
    expect((await limiter.acquire(slow, 80, 'protect')).granted).toBe(false)
    await connect().refund(slow, permit.reservation)
    await limiter.refund(slow, permit.reservation)
    await limiter.refund(slow, '1-1-80')
    await limiter.refund(slow, 'local-1')
    expect(await acquireAll(slow, 'protect', { weight: 10 })).toBe(9)
  })

  it('blocks every client and lane, and never shortens a block', async () => {
    await markUnspent(slow)
    const other = connect()
    await limiter.block(slow, new Date(Date.now() + 700))
    await other.block(slow, new Date(Date.now() + 100))
    const refused = await other.acquire(slow, 1, 'protect')
    expect(refused.granted).toBe(false)
    if (!refused.granted) expect(refused.waitMs).toBeGreaterThan(600)
    await sleep(720)
    expect((await other.acquire(slow, 1, 'protect')).granted).toBe(true)
    await limiter.block(slow, new Date(Date.now() + 10 * 86_400_000))
    const bounded = await other.acquire(slow, 1, 'protect')
    if (!bounded.granted) expect(bounded.waitMs).toBeLessThanOrEqual(7_200_000)
    expect(bounded.granted).toBe(false)
  })

  it('reports a block to every process, whichever has recorded it', async () => {
    const other = connect()
    const reported: Date[] = []
    other.onBlocked = (_budget, until) => reported.push(until)
    await other.peek(slow, 'protect')
    expect(reported).toEqual([])
    const until = Date.now() + 60_000
    await limiter.block(slow, new Date(until))
    await other.peek(slow, 'protect')
    expect(Math.abs((reported[0]?.getTime() ?? 0) - until)).toBeLessThan(1_000)
  })

  it('grants nothing again that was granted before the server was set back to an older copy', async () => {
    await markUnspent(slow)
    const other = connect()
    const restore = await server.copy()
    expect(await acquireAll(slow, 'protect')).toBeGreaterThan(80)
    await other.peek(slow, 'protect')
    await restore()
    expect(await other.acquire(slow, 1, 'protect')).toMatchObject({ granted: false })
    expect(await limiter.acquire(slow, 1, 'protect')).toMatchObject({ granted: false })
    expect(await connect().acquire(slow, 1, 'protect')).toMatchObject({ granted: false })
  })

  it('assumes that the rest was spent by a process that may not report it, until the platform reports', async () => {
    await markUnspent(slow)
    const other = connect()
    await other.peek(slow, 'protect')
    await server.empty()
    await limiter.charge(slow, 10, false)
    await other.charge(slow, 10)
    await sleep(3_100) // How long the reports of a lost bucket are waited for.
    expect(await other.acquire(slow, 1, 'protect')).toEqual({ granted: false, waitMs: expect.any(Number) as number })
    await limiter.observe(slow, { used: 0, limit: 1_000, resetInMs: 0 })
    expect(await acquireAll(slow, 'protect')).toBe(70)
  })

  it('rejects a call above the burst', async () => {
    await expect(limiter.acquire(slow, 91, 'protect')).rejects.toThrow('above the burst of 90')
  })
})

describe('The limiter in Redis', () => {
  it('works after the script cache was flushed', async () => {
    const client = new Redis(await sharedRedis())
    onTestFinished(() => client.disconnect())
    const limiter = new RedisLimiter(client, clock)
    await limiter.acquire(slow, 1, 'protect')
    await limiter.observe(slow, { used: 0, limit: 1_000, resetInMs: 3_600_000 })
    await client.script('FLUSH')
    expect((await limiter.acquire(slow, 1, 'protect')).granted).toBe(true)
  })
})

describe('The limiter of a process that loses Redis', () => {
  it('keeps a block that another process has recorded', async () => {
    const memory = ownMemory(new MemoryLimiterState(clock))
    let down = false
    const write: typeof memory.write = (command) =>
      down ? Promise.reject(new Error('Redis is unavailable')) : memory.write(command)
    const connect = () =>
      new ResilientLimiter({
        redis: new MemorySharedLimiter({ ...memory, write }, clock),
        clock,
        liveInstances: () => 2,
        log: () => undefined,
      })
    const [one, other] = [connect(), connect()]
    await one.block(slow, new Date(Date.now() + 60_000))
    await other.refresh(slow)
    down = true
    const refused = await other.acquire(slow, 1, 'protect')
    expect(other.degraded).toBe(true)
    expect(refused.granted).toBe(false)
    if (!refused.granted) expect(refused.waitMs).toBeGreaterThan(50_000)
  })
})

import { Logger } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { emptyBalances, type Balances } from '../../domain/stock/ledger-account.js'
import { isRedisOutage } from '../../infrastructure/errors/redis-outage.js'
import { ServiceState } from '../../infrastructure/instances/service-state.js'
import { MemoryJobQueues } from '../../infrastructure/queues/memory-job-queues.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
import { MemoryRedisHealth } from '../../infrastructure/redis/memory-redis-health.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { Budget } from '../../platforms/throttle/limiter.js'
import { MemorySharedLimiter } from '../../platforms/throttle/memory-shared-limiter.js'
import { MemoryRedis, type MemoryRedisConnection, type RedisOutage } from './memory-redis.js'
import { MemoryStockGate } from './stock/memory-stock-gate.js'

Logger.overrideLogger(false)

const BALANCES: Balances = { ...emptyBalances(), UNALLOCATED: 5, CAPACITY: -5 }
const BUDGET: Budget = { bucket: 'luma', limit: 200, windowSeconds: 60, reserve: 0.2 }
const HOLD = { operationId: 'a', postings: [{ quantity: 2, sources: ['UNALLOCATED'], destination: 'HELD' }] } as const
const QUEUE = QUEUES.mails

function processOn(time: VirtualTime, redis: MemoryRedis) {
  const connection: MemoryRedisConnection = redis.connect()
  const memory = connection.memoryOf('queues')
  return {
    connection,
    gate: new MemoryStockGate(connection.memoryOf('gate')),
    health: new MemoryRedisHealth(connection.memoryOf('health')),
    limiter: new MemorySharedLimiter(connection.memoryOf('limiter'), time),
    queues: new MemoryJobQueues(time, time, new ServiceState(), redis.parts.queues, memory),
  }
}
type Process = ReturnType<typeof processOn>

function twoProcesses() {
  const time = new VirtualTime()
  const redis = new MemoryRedis(time, time)
  return { time, redis, one: processOn(time, redis), other: processOn(time, redis) }
}

/** One write to each part. */
const writes = ({ gate, health, limiter, queues }: Process) => [
  () => gate.install('evt_1', 1, BALANCES),
  () => health.writeCanary('canary'),
  () => limiter.charge(BUDGET, 1),
  () => queues.add(QUEUE, { name: 'send', data: {} }),
]

describe('A Redis in memory', () => {
  it.each<RedisOutage>(['closed', 'silent', 'reply-lost', 'read-only'])(
    'that is %s rejects every write with an error that means an outage',
    async (outage) => {
      const { time, redis, one, other } = twoProcesses()
      redis.setOutage(outage)
      for (const write of [one, other].flatMap(writes)) {
        const failed = time.until(
          write().then(
            () => null,
            (error: unknown) => error,
          ),
          1_000,
        )
        expect(isRedisOutage(await failed)).toBe(true)
      }
      redis.setOutage(null)
      // A lost reply leaves the outcome unknown.
      expect(await one.gate.installedEpoch('evt_1')).toBe(outage === 'reply-lost' ? 1 : 0)
      for (const write of writes(one)) await write()
    },
  )

  it('can be unavailable to one process alone', async () => {
    const { one, other } = twoProcesses()
    one.connection.setOutage('closed')
    await expect(one.gate.read('evt_1')).rejects.toThrow('Connection is closed.')
    await other.gate.install('evt_1', 1, BALANCES)
    one.connection.setOutage('read-only')
    expect(await one.gate.read('evt_1')).toMatchObject({ epoch: 1 })
    await expect(one.gate.take('evt_1', HOLD)).rejects.toThrow('READONLY')
  })

  it('forgets everything when it is emptied, and is the same server', async () => {
    const { redis, one, other } = twoProcesses()
    for (const write of writes(one)) await write()
    const { identity } = await one.health.observe()
    redis.clear()
    expect(await other.health.observe()).toEqual({ identity, canary: null })
    expect(await other.gate.installedEpoch('evt_1')).toBe(0)
    expect(await other.queues.status(QUEUE)).toMatchObject({ waiting: 0 })
    const lost: string[] = []
    one.limiter.onBucketLost = ({ bucket }) => lost.push(bucket)
    await one.limiter.peek(BUDGET, 'protect')
    // Created again in the same instant: processes cannot distinguish it, as with Redis.
    expect(lost).toEqual([])
  })

  it('is another server after a restart, a failover and a restored copy: gates loaded before are not usable', async () => {
    const { redis, one } = twoProcesses()
    await one.gate.install('evt_1', 1, BALANCES)
    await one.health.writeCanary('first')
    const snapshot = redis.snapshot()
    await one.gate.take('evt_1', HOLD)
    await one.health.writeCanary('second')
    const identities = new Set([(await one.health.observe()).identity])
    const steps: [() => void, string | null, number][] = [
      [() => redis.restart(), 'second', 1],
      [() => redis.restore(snapshot), 'first', 1],
      [() => redis.failOver(snapshot), 'first', 1],
      [() => redis.failOver(null), null, 0],
    ]
    for (const [step, canary, epoch] of steps) {
      step()
      const observed = await one.health.observe()
      identities.add(observed.identity)
      expect(observed.canary).toBe(canary)
      expect(await one.gate.read('evt_1')).toBeNull()
      expect(await one.gate.take('evt_1', HOLD)).toEqual({ kind: 'NOT_LOADED' })
      expect(await one.gate.installedEpoch('evt_1')).toBe(epoch)
    }
    expect(identities.size).toBe(5)
    await one.gate.install('evt_1', 2, BALANCES)
    expect(await one.gate.take('evt_1', HOLD)).toMatchObject({ kind: 'TAKEN', epoch: 2, seq: 1 })
  })

  it('rolls buckets back with the rest', async () => {
    const { redis, one, other } = twoProcesses()
    await one.limiter.observe(BUDGET, { used: 0, limit: 200, resetInMs: 60_000 })
    const snapshot = redis.snapshot()
    for (let n = 0; n < 15; n++) await one.limiter.charge(BUDGET, 1)
    redis.restore(snapshot)
    // This process knows what is missing in the older bucket, another one does not.
    expect(await other.limiter.peek(BUDGET, 'protect')).toBe(0)
    expect(other.limiter.levels.last(BUDGET, 0)?.level).toBeLessThan(1)
    await one.limiter.peek(BUDGET, 'protect')
    expect(one.limiter.levels.last(BUDGET, 0)?.level).toBeGreaterThanOrEqual(15)
  })
})

describe('Job queues of several processes', () => {
  const job = (n: number) => ({ name: 'send', data: { n } })
  const collect = (process: Process, ran: string[], name: string) =>
    process.queues.process<{ n: number }>({
      queue: QUEUE,
      concurrency: 1,
      handle: async ({ n }) => void ran.push(`${name}${n}`),
    })

  it('give each job to one process, and none to one that does not reach them', async () => {
    const { time, one, other } = twoProcesses()
    const ran: string[] = []
    collect(one, ran, 'a')
    collect(other, ran, 'b')
    for (let n = 0; n < 4; n++) await one.queues.add(QUEUE, job(n))
    await time.run(10)
    expect(ran.toSorted()).toEqual(['a0', 'a2', 'b1', 'b3'])
    expect(await one.queues.status(QUEUE)).toMatchObject({ processors: 2 })
    one.connection.setOutage('closed')
    for (let n = 4; n < 6; n++) await other.queues.add(QUEUE, job(n))
    await time.run(10)
    expect(ran.slice(4)).toEqual(['b4', 'b5'])
    other.queues.kill()
    one.connection.setOutage(null)
    expect(await one.queues.status(QUEUE)).toMatchObject({ processors: 1, waiting: 0 })
  })

  it('run a job again in another process when its process is killed or loses its connection', async () => {
    for (const end of ['kill', 'disconnect'] as const) {
      const { time, one, other } = twoProcesses()
      const ran: string[] = []
      one.queues.process({ queue: QUEUE, concurrency: 1, handle: () => time.sleep(60_000) })
      await one.queues.add(QUEUE, job(1))
      await time.run(1_000)
      collect(other, ran, 'b')
      if (end === 'kill') one.queues.kill()
      else one.connection.setOutage('silent')
      await time.run(9_000)
      expect(ran).toEqual([])
      await time.run(2_000)
      expect(ran).toEqual(['b1'])
      one.connection.setOutage(null)
      await time.run(120_000)
      expect(ran).toEqual(['b1'])
      expect(await other.queues.status(QUEUE)).toMatchObject({ waiting: 0, failed: 0 })
    }
  })

  it('store the result of a job once they are reachable again', async () => {
    const { time, redis, one } = twoProcesses()
    let runs = 0
    one.queues.process({
      queue: QUEUE,
      concurrency: 1,
      handle: async () => {
        runs++
        await time.sleep(2_000)
      },
    })
    await one.queues.add(QUEUE, { name: 'send', data: {}, id: 'once' })
    await time.run(1_000)
    redis.setOutage('closed')
    await time.run(5_000)
    redis.setOutage(null)
    await time.run(60_000)
    expect(runs).toBe(1)
    await one.queues.add(QUEUE, { name: 'send', data: {}, id: 'once' })
    await time.run(1)
    expect(runs).toBe(2)
  })

  it('run delayed and running jobs of a restored copy again, and lose jobs that are not in it', async () => {
    const { time, redis, one } = twoProcesses()
    const ran: number[] = []
    one.queues.process<{ n: number }>({
      queue: QUEUE,
      concurrency: 5,
      handle: async ({ n }) => {
        ran.push(n)
        await time.sleep(1_000)
      },
    })
    await one.queues.add(QUEUE, job(1))
    await one.queues.add(QUEUE, { ...job(2), delayMs: 5_000 })
    await time.run(500)
    const snapshot = redis.snapshot()
    await one.queues.add(QUEUE, { ...job(3), delayMs: 5_000 })
    await time.run(1_000)
    redis.restore(snapshot)
    await time.run(60_000)
    expect(ran).toEqual([1, 2, 1])
    redis.clear()
    await time.run(60_000)
    expect(ran).toHaveLength(3)
  })
})

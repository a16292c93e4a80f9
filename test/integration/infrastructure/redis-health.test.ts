import { Logger } from '@nestjs/common'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryRedis } from '../../../src/adapters/memory/memory-redis.js'
import { createRedis, type RedisClient } from '../../../src/infrastructure/redis/create-redis.js'
import { IoredisHealth } from '../../../src/infrastructure/redis/ioredis-health.js'
import { MemoryRedisHealth } from '../../../src/infrastructure/redis/memory-redis-health.js'
import type { RedisHealth } from '../../../src/infrastructure/redis/redis-health.js'
import { SystemClock, SystemTimers } from '../../../src/infrastructure/time/system-time.js'
import { redis as command } from '../../support/servers/embedded.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { until } from '../../support/service/test-system.js'

Logger.overrideLogger(false)

type Step = () => unknown

/** A Redis, and what can happen to it. */
interface Controlled {
  health: RedisHealth
  empty: Step
  restart: Step
  replace: Step
  demote: Step
  promote: Step
  silence: Step
  resume: Step
  /** Without an append-only file. */
  notAppending: Step
  /** The file is synced every second, and keys may be evicted. */
  lossy: Step
}

let server: DedicatedRedis
let client: RedisClient
let health: IoredisHealth

beforeAll(async () => {
  server = await startRedis()
  client = createRedis(server.url, 'health')
  health = new IoredisHealth(client, new SystemClock())
  await until(() => health.observe())
})
afterAll(async () => {
  client?.disconnect()
  await server?.stop()
})

function real(): Controlled {
  const send = (name: string, ...args: string[]) => command(server.url, name, ...args)
  return {
    health,
    empty: () => send('FLUSHALL'),
    restart: () => server.restart(),
    replace: () => server.restart({ empty: true }),
    demote: () => send('REPLICAOF', '127.0.0.1', '1'),
    promote: () => send('REPLICAOF', 'NO', 'ONE'),
    silence: () => server.pause(),
    resume: () => server.resume(),
    notAppending: () => send('CONFIG', 'SET', 'appendonly', 'no'),
    lossy: () =>
      send('CONFIG', 'SET', 'appendonly', 'yes', 'appendfsync', 'everysec', 'maxmemory-policy', 'allkeys-lru'),
  }
}

const memory = new MemoryRedis(new SystemClock(), new SystemTimers())
const memoryHealth = new MemoryRedisHealth(memory.connect().memoryOf('health'))
const inMemory = (): Controlled => {
  const { health: state } = memory.parts
  return {
    health: memoryHealth,
    empty: () => memory.clear(),
    restart: () => memory.restart(),
    replace: () => memory.failOver(null),
    demote: () => memory.setOutage('read-only'),
    promote: () => {
      memory.setOutage(null)
      memory.restart()
    },
    silence: () => memory.setOutage('silent'),
    resume: () => memory.setOutage(null),
    notAppending: () => (state.durability = { ...state.durability, appendOnly: false, appendFsync: null }),
    lossy: () => (state.durability = { appendOnly: true, appendFsync: 'everysec', evictionPolicy: 'allkeys-lru' }),
  }
}

/** One suite for both: what it asserts holds in memory as it does on a real server. */
describe.each<[string, () => Controlled]>([
  ['of a real server', real],
  ['in memory', inMemory],
])('The health of Redis %s', (_name, redis) => {
  /** The next observation: a client may need a moment to reconnect. */
  const observe = () => until(() => redis().health.observe())

  it('stays the same while nothing happens', async () => {
    const first = await observe()
    expect(first).toEqual({ identity: expect.stringMatching(/\S/) as string, canary: null })
    expect(await observe()).toEqual(first)
  })

  it('contains the last canary until the data is lost', async () => {
    const { identity } = await observe()
    await redis().health.writeCanary('first')
    await redis().health.writeCanary('second')
    expect(await observe()).toEqual({ identity, canary: 'second' })
    await redis().empty()
    expect(await observe()).toEqual({ identity, canary: null })
  })

  it('has another identity after a restart, and no canary after a replacement', async () => {
    await redis().health.writeCanary('kept')
    const before = await observe()
    await redis().restart()
    const restarted = await observe()
    expect(restarted.canary).toBe('kept')
    await redis().replace()
    const replaced = await observe()
    expect(replaced.canary).toBeNull()
    expect(new Set([before, restarted, replaced].map(({ identity }) => identity)).size).toBe(3)
  })

  it('rejects while the server does not respond, and is the same afterwards', async () => {
    await redis().health.writeCanary('kept')
    const before = await observe()
    await redis().silence()
    await expect(redis().health.observe()).rejects.toThrow()
    await expect(redis().health.writeCanary('lost')).rejects.toThrow()
    await expect(redis().health.durabilityFindings()).rejects.toThrow()
    await redis().resume()
    expect((await observe()).identity).toBe(before.identity)
  })

  it('rejects on a replica, and has another identity once that is promoted', async () => {
    await until(() => redis().health.writeCanary('kept'))
    const before = await observe()
    await redis().demote()
    await expect(redis().health.observe()).rejects.toThrow(/READONLY/)
    // Of any error: the client reconnects after such a reply.
    await expect(redis().health.writeCanary('lost')).rejects.toThrow()
    await redis().promote()
    const promoted = await observe()
    expect(promoted.canary).toBe('kept')
    expect(promoted.identity).not.toBe(before.identity)
  })

  it('reports a missing append-only file, delayed writes to it and eviction, and nothing for a durable Redis', async () => {
    const findings = () => until(() => redis().health.durabilityFindings())
    expect(await findings()).toEqual([])
    await redis().notAppending()
    expect(await findings()).toEqual([expect.stringContaining('no append-only file')])
    await redis().lossy()
    expect(await findings()).toEqual([expect.stringContaining('everysec'), expect.stringContaining('allkeys-lru')])
  })
})

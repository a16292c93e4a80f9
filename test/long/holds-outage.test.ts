import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppModule } from '../../src/app.module.js'
import { startBackground } from '../../src/background.js'
import { FailSafeCoordinator } from '../../src/fail-safe/fail-safe-coordinator.js'
import { startTestApp, type TestApp } from '../support/app.js'
import { startOwnPostgres, type OwnPostgres } from '../support/postgres.js'
import { startRedis, type OwnRedis } from '../support/redis.js'
import { redis as command } from '../support/embedded.js'
import { until } from '../support/test-system.js'

/** What a hold may be answered by while a server fails over: never 500. */
const ALLOWED = new Set([201, 409, 503])
const BUYERS = 6

let postgres: OwnPostgres
let redis: OwnRedis
let service: TestApp
let token: string
let eventId: string

beforeAll(async () => {
  postgres = await startOwnPostgres()
  redis = await startRedis()
  service = await startTestApp({
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    env: { FAIL_SAFE_AFTER_MS: '700', FAIL_SAFE_RECOVERY_MS: '300' },
    root: (config) => AppModule.of(config),
  })
  await service.app.get(FailSafeCoordinator).start()
  startBackground(service.app)
  token = await until(() => service.login())
  const body = { name: 'Rush', startsAt: '2031-01-01T18:00:00Z', capacity: 100_000, directWeight: 1 }
  eventId = (await service.call<{ id: string }>('POST', '/events', { token, body })).body.id
  await until(async () => expect((await hold()).status).toBe(201))
})
afterAll(async () => {
  await service?.close()
  await redis?.stop()
  await postgres?.stop()
})

const hold = () => service.call('POST', `/events/${eventId}/holds`, { token, body: { quantity: 1 } })

/** Buyers hold without a pause while `what` happens and until holds are made again. Answers what was not allowed. */
async function hammer(what: () => Promise<void>): Promise<{ wrong: string[]; seen: Set<number> }> {
  const wrong: string[] = []
  const seen = new Set<number>()
  let over = false
  const buyer = async () => {
    while (!over) {
      const { status, body, headers } = await hold()
      seen.add(status)
      if (!ALLOWED.has(status)) wrong.push(`${status} ${JSON.stringify(body)}`)
      if (status === 503 && headers['retry-after'] === undefined) wrong.push(`503 without Retry-After`)
      await sleep(5)
    }
  }
  const buyers = Array.from({ length: BUYERS }, buyer)
  try {
    await what()
    await until(async () => expect((await hold()).status).toBe(201), 40_000)
  } finally {
    over = true
    await Promise.all(buyers)
  }
  return { wrong: [...new Set(wrong)], seen }
}

describe('holds while a server fails', () => {
  it('are answered 503 at every moment of a kill and a restart of Redis', async () => {
    const { wrong, seen } = await hammer(async () => {
      await redis.kill()
      await sleep(1_500)
      await redis.restart()
    })
    expect(wrong).toEqual([])
    expect(seen).toContain(503)
  })

  it('are answered 503 by a Redis that is a replica, without memory, or without its scripts', async () => {
    const refused = async (name: string, ...args: string[]) => {
      await command(redis.url, name, ...args)
      await sleep(400)
    }
    const { wrong, seen } = await hammer(async () => {
      await refused('REPLICAOF', '127.0.0.1', '1')
      await refused('REPLICAOF', 'NO', 'ONE')
      await refused('CONFIG', 'SET', 'maxmemory', '1')
      await refused('CONFIG', 'SET', 'maxmemory', '0')
      await refused('CONFIG', 'SET', 'min-replicas-to-write', '1')
      await refused('CONFIG', 'SET', 'min-replicas-to-write', '0')
      await refused('SCRIPT', 'FLUSH')
      await refused('FLUSHALL')
    })
    expect(wrong).toEqual([])
    expect(seen).toContain(503)
  })

  it('are answered 503 at every moment of a restart of PostgreSQL', async () => {
    const { wrong, seen } = await hammer(async () => {
      await postgres.halt()
      await sleep(1_500)
      await postgres.resume()
    })
    expect(wrong).toEqual([])
    expect(seen).toContain(503)
  })
})

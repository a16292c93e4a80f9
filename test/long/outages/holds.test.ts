import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { FailSafeCoordinator } from '../../../src/fail-safe/fail-safe-coordinator.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { startDedicatedPostgres, type DedicatedPostgres } from '../../support/servers/postgres.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { redis as command } from '../../support/servers/embedded.js'
import { until } from '../../support/service/test-system.js'

/** Allowed statuses of a hold request while a server fails over: never 500. */
const ALLOWED = new Set([201, 409, 503])
const BUYERS = 6

let postgres: DedicatedPostgres
let redis: DedicatedRedis
let service: TestApp
let token: string
let eventId: string

beforeAll(async () => {
  postgres = await startDedicatedPostgres()
  redis = await startRedis()
  service = await startTestApp({
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    env: { FAIL_SAFE_AFTER_MS: '700', FAIL_SAFE_RECOVERY_MS: '300' },
    root: (config) => AppModule.of(config),
  })
  await service.app.get(FailSafeCoordinator).start()
  service.app.get(BackgroundTasks).start()
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

/** Sends hold requests continuously during `fault` and until holds succeed again. Returns the responses that are not allowed. */
async function hammer(fault: () => Promise<void>): Promise<{ violations: string[]; statuses: Set<number> }> {
  const violations: string[] = []
  const statuses = new Set<number>()
  let stopping = false
  const buyer = async () => {
    while (!stopping) {
      const { status, body, headers } = await hold()
      statuses.add(status)
      if (!ALLOWED.has(status)) violations.push(`${status} ${JSON.stringify(body)}`)
      if (status === 503 && headers['retry-after'] === undefined) violations.push(`503 without Retry-After`)
      await sleep(5)
    }
  }
  const buyers = Array.from({ length: BUYERS }, buyer)
  try {
    await fault()
    await until(async () => expect((await hold()).status).toBe(201), 40_000)
  } finally {
    stopping = true
    await Promise.all(buyers)
  }
  return { violations: [...new Set(violations)], statuses }
}

describe('POST /events/:id/holds during a server failure', () => {
  it('responds 503 and never 500 while Redis is killed and restarted', async () => {
    const { violations, statuses } = await hammer(async () => {
      await redis.kill()
      await sleep(1_500)
      await redis.restart()
    })
    expect(violations).toEqual([])
    expect(statuses).toContain(503)
  })

  it('responds 503 and never 500 while Redis is a replica, out of memory, or without its scripts', async () => {
    const runCommand = async (name: string, ...args: string[]) => {
      await command(redis.url, name, ...args)
      await sleep(400)
    }
    const { violations, statuses } = await hammer(async () => {
      await runCommand('REPLICAOF', '127.0.0.1', '1')
      await runCommand('REPLICAOF', 'NO', 'ONE')
      await runCommand('CONFIG', 'SET', 'maxmemory', '1')
      await runCommand('CONFIG', 'SET', 'maxmemory', '0')
      await runCommand('CONFIG', 'SET', 'min-replicas-to-write', '1')
      await runCommand('CONFIG', 'SET', 'min-replicas-to-write', '0')
      await runCommand('SCRIPT', 'FLUSH')
      await runCommand('FLUSHALL')
    })
    expect(violations).toEqual([])
    expect(statuses).toContain(503)
  })

  it('responds 503 and never 500 while PostgreSQL restarts', async () => {
    const { violations, statuses } = await hammer(async () => {
      await postgres.halt()
      await sleep(1_500)
      await postgres.resume()
    })
    expect(violations).toEqual([])
    expect(statuses).toContain(503)
  })
})

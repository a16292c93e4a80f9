import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Queue } from 'bullmq'
import { getQueueToken } from '@nestjs/bullmq'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { FailSafeCoordinator } from '../../../src/fail-safe/fail-safe-coordinator.js'
import { FailSafeService } from '../../../src/fail-safe/fail-safe.service.js'
import { JobQueues } from '../../../src/infrastructure/queues/job-queues.js'
import { QUEUES } from '../../../src/infrastructure/queues/queue-names.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { modeOf } from '../../support/service/outage.js'
import { startDedicatedPostgres } from '../../support/servers/postgres.js'
import { sharedRedis, startRedis } from '../../support/servers/redis.js'
import { until } from '../../support/service/test-system.js'

const ENV = {
  FAIL_SAFE_AFTER_MS: '500',
  FAIL_SAFE_RECOVERY_MS: '300',
  EVENTBRITE_WEBHOOK_TOKEN: 'stores-webhook-token',
}
const DELIVERY = JSON.stringify({
  config: { action: 'order.placed', user_id: '1', endpoint_url: '', webhook_id: '1' },
  api_url: 'https://www.eventbriteapi.com/v3/orders/778/',
})

let service: TestApp | undefined
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await service?.close()
  service = undefined
  for (const close of closers.splice(0)) await close()
})

async function start(databaseUrl: string, redisUrl: string, background = true): Promise<TestApp> {
  const root = AppModule.of.bind(AppModule)
  service = await startTestApp({ databaseUrl, redisUrl, env: ENV, listen: true, root: (config) => root(config) })
  await service.app.get(FailSafeCoordinator).start()
  if (background) service.app.get(BackgroundTasks).start()
  return service
}

const deliver = async (one: TestApp) =>
  fetch(`${one.url}/webhooks/eventbrite/stores-webhook-token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: DELIVERY,
  })

describe('The service during a PostgreSQL outage', () => {
  it('responds 503, does not crash, and recovers automatically', async () => {
    const postgres = await startDedicatedPostgres()
    closers.push(() => postgres.stop())
    const redis = await startRedis()
    closers.push(() => redis.stop())
    const one = await start(postgres.url, redis.url)
    const token = await one.login()
    const queue = one.app.get<Queue>(getQueueToken(QUEUES.deliveries), { strict: false })
    await postgres.halt()
    expect((await one.call('GET', '/events', { token })).status).toBe(503)
    expect((await one.call('GET', '//health/ready')).body).toMatchObject({ errors: [{ field: 'postgresql' }] })
    // Accepted by Redis, and retried while the database is unavailable.
    expect((await deliver(one)).status).toBe(202)
    await sleep(3_000)
    // With both stores unavailable the platform has to send it again.
    await redis.kill()
    const refused = await deliver(one)
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await redis.restart()
    await postgres.resume()
    await until(async () => expect((await one.call('GET', '//health/ready')).status).toBe(200))
    await until(async () => expect((await modeOf({ apps: [one], token })).mode).toBe('NORMAL'))
    await until(async () => expect(await queue.getJobCounts('wait', 'active', 'failed')).toMatchObject({ failed: 0 }))
    expect((await one.call('GET', '/events', { token })).status).toBe(200)
  })
})

describe('Fail-safe mode at startup', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    closers.push(() => database.drop())
  })

  it('is active without Redis, and ends automatically when Redis becomes available', async () => {
    const redis = await startRedis()
    closers.push(() => redis.stop())
    await redis.kill()
    const one = await start(database.url, redis.url)
    const token = await one.login()
    expect(await modeOf({ apps: [one], token })).toMatchObject({ mode: 'FAIL_SAFE', forced: false })
    expect((await one.call('GET', '//health/ready')).body).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ field: 'redis' })]),
    })
    expect((await deliver(one)).status).toBe(202)
    await until(async () => expect(await one.app.get(PrismaService).modeTransition.count()).toBe(1))
    await redis.restart()
    await until(async () => expect((await modeOf({ apps: [one], token })).mode).toBe('NORMAL'))
    await until(async () => expect((await one.call('GET', '//health/ready')).status).toBe(200))
    expect(await one.app.get(PrismaService).inboxEntry.count({ where: { drainedAt: null } })).toBe(0)
  })

  it('stays forced across a restart, and can be ended by a process without background work', async () => {
    const redisUrl = await sharedRedis()
    const first = await start(database.url, redisUrl, false)
    await first.app.get(FailSafeService).force('maintenance', { id: null, name: 'command line' })
    await first.close()
    const second = await start(database.url, redisUrl, false)
    const failSafe = second.app.get(FailSafeService)
    expect(await failSafe.status()).toMatchObject({ mode: 'FAIL_SAFE', forced: true, reason: 'maintenance' })
    expect(await failSafe.settle('FAIL_SAFE', 5_000)).toBe(true)
    await failSafe.clear('done', { id: null, name: 'command line' })
    expect(await failSafe.settle('NORMAL', 10_000)).toBe(true)
  })
})

describe('The worker pool', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase()
    closers.push(() => database.drop())
  })

  it('makes a live process unready when it has stopped, while metrics show the age of the waiting job', async () => {
    const one = await start(database.url, await sharedRedis())
    expect((await one.call('GET', '//health/ready')).status).toBe(200)
    await one.app.get(JobQueues).beforeApplicationShutdown()
    const ready = await one.call('GET', '//health/ready')
    expect(ready.status).toBe(503)
    expect(ready.body).toMatchObject({ errors: [{ field: 'workers', message: expect.stringContaining('not run') }] })
    expect((await deliver(one)).status).toBe(202)
    await sleep(1_100)
    const metrics = String((await one.call('GET', '//metrics')).body)
    const age = /^trafficpolice_queue_oldest_job_age_seconds\{queue="deliveries"\} (.+)$/m.exec(metrics)?.[1]
    expect(Number(age)).toBeGreaterThan(1)
  })

  it('dead-letters a delivery that cannot be processed, and raises an alert', async () => {
    const one = await start(database.url, await sharedRedis())
    const queue = one.app.get<Queue>(getQueueToken(QUEUES.reads), { strict: false })
    const sent = { deliveryId: 'dlv_1', headers: {}, body: 'e30=', receivedAt: new Date().toISOString() }
    const delivery = { ...sent, platform: 'EVENTBRITE', correlationId: 'c' }
    const job = {
      kind: 'order',
      platform: 'EVENTBRITE',
      orderId: '1',
      externalEventId: '1',
      payloadSnapshot: null,
      delivery,
    }
    await queue.add('order', job, { attempts: 1 })
    // The platform of this one is invalid, so that it cannot be dead-lettered: the failed job remains.
    await queue.add('order', { ...job, delivery: { ...delivery, platform: 'NOWHERE' } }, { attempts: 1 })
    const prisma = one.app.get(PrismaService)
    await until(async () => expect(await prisma.alert.count({ where: { kind: 'DEAD_LETTER' } })).toBe(1))
    // The other one is in the dead letter only.
    await until(async () => {
      const failed = await queue.getFailed()
      expect(failed.map(({ data }) => (data as { delivery: object }).delivery)).toMatchObject([{ platform: 'NOWHERE' }])
    })
    expect((await one.call('GET', '//health/live')).status).toBe(200)
    expect(await prisma.webhookDelivery.count({ where: { state: 'FAILED' } })).toBe(1)
  })
})

import { createHmac } from 'node:crypto'
import { getQueueToken } from '@nestjs/bullmq'
import { Queue } from 'bullmq'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { DeliveryIntake } from '../../../src/inbound/receive/delivery-intake.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { JobQueues } from '../../../src/infrastructure/queues/job-queues.js'
import { QUEUES } from '../../../src/infrastructure/queues/queue-names.js'
import { startDedicatedPostgres } from '../../support/servers/postgres.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { until } from '../../support/service/test-system.js'

// The whole service without workers: what it accepts stays where it is stored.

const TOKEN = 'intake-webhook-token'
const SECRET = 'whsec_of_the_intake_tests'
const BATCH = 40

let postgres: Awaited<ReturnType<typeof startDedicatedPostgres>>
let redis: DedicatedRedis
let service: TestApp

beforeEach(async () => {
  postgres = await startDedicatedPostgres()
  redis = await startRedis()
  service = await startTestApp({
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    env: { EVENTBRITE_WEBHOOK_TOKEN: TOKEN, LUMA_API_KEY: 'key', LUMA_WEBHOOK_SECRET: SECRET },
    listen: true,
    root: (config) => AppModule.of(config),
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await service.close()
  await redis.stop()
  await postgres.stop()
})

const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
  const all = { 'content-type': 'application/json', ...headers }
  return (await fetch(`${service.url}/webhooks/${path}`, { method: 'POST', headers: all, body })).status
}

function eventbrite(orderId: string, token = TOKEN) {
  const api_url = `https://www.eventbriteapi.com/v3/orders/${orderId}/`
  const endpoint_url = `https://sync.example.com/webhooks/eventbrite/${TOKEN}`
  return post(`eventbrite/${token}`, JSON.stringify({ config: { action: 'order.placed', endpoint_url }, api_url }))
}

function luma(guestId: string, signedBody?: string) {
  const body = JSON.stringify({ type: 'guest.updated', data: { id: guestId, event: { id: 'evt-1' } } })
  const timestamp = Math.floor(Date.now() / 1_000)
  const hmac = createHmac('sha256', SECRET).update(`msg_1.${timestamp}.${signedBody ?? body}`)
  const signature = { 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${hmac.digest('base64')}` }
  return post('luma', body, { 'webhook-id': 'msg_1', ...signature })
}

/** The bodies of all deliveries that a worker would process, in the queue or the inbox. */
async function stored(): Promise<string[]> {
  const queue = service.app.get<Queue<{ body: string }>>(getQueueToken(QUEUES.deliveries), { strict: false })
  const queued = await until(() => queue.getJobs(['wait', 'delayed', 'active']))
  const inbox = await service.app.get(PrismaService).inboxEntry.findMany()
  return [
    ...queued.map(({ data }) => Buffer.from(data.body, 'base64').toString()),
    ...inbox.map(({ body }) => Buffer.from(body).toString()),
  ]
}

/** A batch is on its way to Redis, which has not replied, when Redis dies. `reaches`: whether it may have received it. */
async function crashInBatch({ reaches = true } = {}): Promise<{ statuses: number[]; lost: string[] }> {
  const ids = Array.from({ length: BATCH }, (_, index) => `9${String(index).padStart(3, '0')}`)
  const bulk = vi.spyOn(Queue.prototype, 'addBulk')
  // A client that survives would send it again after the restart: this one dies with its batch.
  if (!reaches) bulk.mockImplementation(() => new Promise(() => undefined))
  redis.pause()
  const responses = Promise.all(ids.map((id) => eventbrite(id)))
  await until(() => expect(bulk).toHaveBeenCalled())
  await redis.kill()
  const statuses = await responses
  await redis.restart()
  const bodies = await stored()
  const accepted = ids.filter((_, index) => statuses[index] === 202)
  return { statuses, lost: accepted.filter((id) => !bodies.some((body) => body.includes(`/orders/${id}/`))) }
}

describe('Deliveries that arrive together', () => {
  it('are each checked alone: bad ones are refused, good ones are stored once and without the secret', async () => {
    const sent = Array.from({ length: 10 }, (_, index) => [
      { expected: 202, status: eventbrite(`1${index}`) },
      { expected: 401, status: eventbrite(`2${index}`, 'a-token-that-is-wrong') },
      { expected: 202, status: luma(`gst-${index}`) },
      { expected: 401, status: luma(`gst-forged-${index}`, '{"another":"body"}') },
      { expected: 400, status: post(`eventbrite/${TOKEN}`, '{"no":"delivery"}') },
      { expected: 413, status: post(`eventbrite/${TOKEN}`, `"${'x'.repeat(1_100_000)}"`) },
    ]).flat()
    const statuses = await Promise.all(sent.map(({ status }) => status))
    expect(statuses).toEqual(sent.map(({ expected }) => expected))
    const bodies = await stored()
    const ids = bodies.map((body) => /orders\/(\d+)|"id":"(gst-\d+)"/.exec(body)?.slice(1).join('') ?? body)
    const good = Array.from({ length: 10 }, (_, index) => [`1${index}`, `gst-${index}`]).flat()
    expect(ids.toSorted()).toEqual(good.toSorted())
    expect(bodies.join()).not.toContain(TOKEN)
  })

  it('share batches with the options of single jobs', async () => {
    const bulk = vi.spyOn(Queue.prototype, 'addBulk')
    const intake = service.app.get(DeliveryIntake)
    // Requests over HTTP could arrive so slowly that each is stored before the next one.
    const deliveries = Array.from({ length: BATCH }, (_, index) => ({
      platform: 'EVENTBRITE' as const,
      deliveryId: `3${index}`,
      headers: {},
      body: '',
      receivedAt: '2031-01-01T18:00:00Z',
      correlationId: 'test',
    }))
    await Promise.all(deliveries.map((delivery) => intake.accept(delivery)))
    const sizes = bulk.mock.calls.map(([jobs]) => jobs.length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(BATCH)
    expect(sizes.length).toBeLessThan(BATCH)
    const queue = service.app.get<Queue>(getQueueToken(QUEUES.deliveries), { strict: false })
    const [job] = await queue.getJobs(['wait'])
    const backoff = { type: 'exponential', delay: 500 }
    expect(job?.opts).toMatchObject({ attempts: 8, backoff, removeOnComplete: true, removeOnFail: { count: 1_000 } })
  })

  it('are all in the queue or the inbox when Redis dies before it replies to their batch', async () => {
    const { statuses, lost } = await crashInBatch()
    expect(new Set(statuses)).toEqual(new Set([202]))
    expect(lost).toEqual([])
  })

  it('are refused with 503 when Redis dies in their batch and PostgreSQL is down', async () => {
    await postgres.halt()
    redis.pause()
    const bulk = vi.spyOn(Queue.prototype, 'addBulk')
    const responses = Promise.all(Array.from({ length: BATCH }, (_, index) => eventbrite(`4${index}`)))
    await until(() => expect(bulk).toHaveBeenCalled())
    await redis.kill()
    expect(new Set(await responses)).toEqual(new Set([503]))
    await redis.restart()
    await postgres.resume()
  })

  it('would be lost if they were resolved before their batch is durable (negative control)', async () => {
    const queues = service.app.get(JobQueues)
    const add = queues.addShared.bind(queues)
    vi.spyOn(queues, 'addShared').mockImplementation((queue, job) => {
      add(queue, job).catch(() => undefined) // what a receiver that does not wait never learns
      return Promise.resolve()
    })
    const { statuses, lost } = await crashInBatch({ reaches: false })
    expect(new Set(statuses)).toEqual(new Set([202]))
    expect(lost).toHaveLength(BATCH)
  })
})

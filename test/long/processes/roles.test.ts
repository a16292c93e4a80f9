import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { StockDto } from '../../../src/events/stock/stock.dto.js'
import { ADMIN } from '../../support/service/app.js'
import { newDataDir } from '../../support/service/cli.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { buildService, startServiceProcess, type ServiceProcess } from '../../support/service/service-process.js'
import { until } from '../../support/service/test-system.js'

// Two processes start, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

const dataDir = newDataDir()
const children: ServiceProcess[] = []
let database: TestDatabase
let redisUrl: string
let api: string
let worker: string
let token: string

beforeAll(async () => {
  await buildService()
  database = await createTestDatabase()
  redisUrl = await sharedRedis()
  api = await startProcess('api')
  worker = await startProcess('worker')
  token = (await call<{ accessToken: string }>('POST', '/auth/login', ADMIN)).body.accessToken
})
afterAll(async () => {
  for (const child of children) await child.kill()
  await database?.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Returns the address of the process. */
async function startProcess(role: 'api' | 'worker'): Promise<string> {
  const env = { DATABASE_URL: database.url, REDIS_URL: redisUrl, DATA_DIR: dataDir }
  const child = await startServiceProcess({ role, env })
  children.push(child)
  return child.url
}

interface ApiResponse<T> {
  status: number
  body: T
}

async function call<T>(method: string, path: string, body?: object): Promise<ApiResponse<T>> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  if (body) headers['content-type'] = 'application/json'
  const response = await fetch(`${api}/api/v1${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, body: (await response.json()) as T }
}

it('A worker process raises the red alarm for sales of an api process and expires its holds', async () => {
  const event = { name: 'Event', startsAt: '2030-01-01T18:00:00Z', capacity: 10, safetyStockRatio: 0 }
  const { id } = (await call<{ id: string }>('POST', '/events', event)).body
  const stock = async () => (await call<StockDto>('GET', `/events/${id}/stock`)).body
  const { body: hold } = await call<{ id: string }>('POST', `/events/${id}/holds`, { quantity: 9 })
  const buyer = { name: 'Jane', email: 'jane@example.com' }
  expect((await call('POST', `/holds/${hold.id}/confirm`, { buyer })).status).toBe(200)
  expect((await call('POST', `/events/${id}/holds`, { quantity: 1, ttlSeconds: 3 })).status).toBe(201)
  await until(async () => expect(await stock()).toMatchObject({ state: 'RED_ALARM', sold: 9 }))
  await until(async () => expect(await stock()).toMatchObject({ state: 'RED_ALARM', held: 0, available: 1 }))
})

it('A worker process serves health checks and metrics, and responds with a problem to other requests', async () => {
  for (const path of ['/health/live', '/health/ready', '/metrics']) {
    expect((await fetch(`${worker}${path}`)).status, path).toBe(200)
  }
  for (const path of ['/', '/docs', '/api/v1/events', '/admin/queues']) {
    const response = await fetch(`${worker}${path}`)
    expect(response.headers.get('content-type'), path).toContain('application/problem+json')
    expect(await response.json()).toMatchObject({ status: 404, code: 'NOT_FOUND', instance: path })
  }
})

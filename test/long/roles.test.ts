import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { StockDto } from '../../src/events/stock-answers.js'
import { ADMIN } from '../support/app.js'
import { newDataDir } from '../support/cli.js'
import { createTestDatabase, type TestDatabase } from '../support/database.js'
import { sharedRedis } from '../support/redis.js'
import { buildService, startChild, type Child } from '../support/service-process.js'
import { until } from '../support/test-system.js'

// Two processes start, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

const dataDir = newDataDir()
const children: Child[] = []
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

/** Answers its address. */
async function startProcess(role: 'api' | 'worker'): Promise<string> {
  const env = { DATABASE_URL: database.url, REDIS_URL: redisUrl, DATA_DIR: dataDir }
  const child = await startChild({ role, env })
  children.push(child)
  return child.url
}

interface Answer<T> {
  status: number
  body: T
}

async function call<T>(method: string, path: string, body?: object): Promise<Answer<T>> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  if (body) headers['content-type'] = 'application/json'
  const answer = await fetch(`${api}/api/v1${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, body: (await answer.json()) as T }
}

it('What an api process sells raises the red alarm, and what it holds runs out, in a worker', async () => {
  const event = { name: 'Evening', startsAt: '2030-01-01T18:00:00Z', capacity: 10, safetyStockRatio: 0 }
  const { id } = (await call<{ id: string }>('POST', '/events', event)).body
  const stock = async () => (await call<StockDto>('GET', `/events/${id}/stock`)).body
  expect((await call('POST', `/events/${id}/holds`, { quantity: 9, ttlSeconds: 3 })).status).toBe(201)
  await until(async () => expect(await stock()).toMatchObject({ state: 'RED_ALARM', held: 9 }))
  await until(async () => expect(await stock()).toMatchObject({ state: 'RED_ALARM', held: 0, available: 10 }))
})

it('A worker answers health checks and metrics, and a problem to all else', async () => {
  for (const path of ['/health/live', '/health/ready', '/metrics']) {
    expect((await fetch(`${worker}${path}`)).status, path).toBe(200)
  }
  for (const path of ['/', '/docs', '/api/v1/events', '/admin/queues']) {
    const answer = await fetch(`${worker}${path}`)
    expect(answer.headers.get('content-type'), path).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({ status: 404, code: 'NOT_FOUND', instance: path })
  }
})

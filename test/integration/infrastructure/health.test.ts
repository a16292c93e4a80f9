import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'

interface ReadyResponse {
  detail?: string
  errors?: { field: string; message: string }[]
}

let redis: DedicatedRedis
let database: TestDatabase
let service: TestApp

beforeAll(async () => {
  redis = await startRedis()
  database = await createTestDatabase()
  service = await start()
})
afterAll(async () => {
  await service.close()
  await database.drop()
  await redis.stop()
})

const start = () =>
  startTestApp({
    databaseUrl: database.url,
    redisUrl: redis.url,
    firstAdmin: false,
    root: (config) => AppModule.of(config),
  })
const ready = (of: TestApp = service) => of.call<ReadyResponse>('GET', '//health/ready')

describe('GET /health/ready', () => {
  it('returns 503 for Redis and the queues when Redis responds but accepts no writes', async () => {
    expect((await ready()).status).toBe(200)
    const admin = new Redis(redis.url)
    await admin.config('SET', 'maxmemory', '1')
    const { status, body } = await ready()
    expect(await admin.ping()).toBe('PONG')
    await admin.config('SET', 'maxmemory', '0')
    admin.disconnect()
    expect(status).toBe(503)
    expect(body.errors?.map(({ field }) => field)).toEqual(['redis', 'queues'])
    expect((await ready()).status).toBe(200)
  })

  it('returns 503 when Redis is a replica', async () => {
    const admin = new Redis(redis.url)
    await admin.replicaof('127.0.0.1', 1)
    const { status, body } = await ready()
    await admin.replicaof('NO', 'ONE')
    admin.disconnect()
    expect(status).toBe(503)
    expect(body.errors?.map(({ field }) => field)).toContain('redis')
  })

  it('returns 503 when PostgreSQL is read-only', async () => {
    const client = new Client({ connectionString: database.url })
    await client.connect()
    await client.query(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`)
    const other = await start()
    const { status, body } = await ready(other)
    await other.close()
    await client.query('SET default_transaction_read_only = off')
    await client.query(`ALTER DATABASE ${database.name} RESET default_transaction_read_only`)
    await client.end()
    expect(status).toBe(503)
    expect(body.errors?.map(({ field }) => field)).toEqual(['postgresql'])
  })

  it('leaves no rows in PostgreSQL', async () => {
    await ready()
    const client = new Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query(`SELECT 1 FROM stored_values WHERE key LIKE 'readiness%'`)
    await client.end()
    expect(rows).toEqual([])
  })
})

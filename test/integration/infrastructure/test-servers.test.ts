import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../../support/servers/database.js'
import { redis, sql } from '../../support/servers/embedded.js'
import { sharedRedis, startRedis } from '../../support/servers/redis.js'
import type { DedicatedRedis, DedicatedRedisOptions } from '../../support/servers/redis.js'

async function dedicatedRedis(options?: DedicatedRedisOptions): Promise<DedicatedRedis> {
  const server = await startRedis(options)
  onTestFinished(() => server.stop())
  return server
}

describe('The test servers', () => {
  test('provide a separate, migrated database per call', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
    await sql(one.url, 'CREATE TABLE mine (n int)')
    expect(await sql(other.url, "SELECT to_regclass('mine')")).toBe('null')
    expect(await sql(other.url, 'SELECT count(*) > 0 FROM _prisma_migrations')).toBe('true')
    await Promise.all([one.drop(), other.drop()])
    await expect(sql(one.url, 'SELECT 1')).rejects.toThrow('does not exist')
  })

  test('provide separate, empty databases on the shared Redis', async () => {
    const [one, other] = [await sharedRedis(), await sharedRedis()]
    await redis(one, 'SET', 'key', '1')
    expect(await redis(other, 'GET', 'key')).toBeNull()
  })

  test('provide a dedicated Redis that can be killed and restarted with its data or empty', async () => {
    const server = await dedicatedRedis()
    await redis(server.url, 'SET', 'key', '1')
    await server.kill()
    await expect(redis(server.url, 'PING')).rejects.toThrow()
    await server.restart()
    expect(await redis(server.url, 'GET', 'key')).toBe('1')
    await server.kill()
    await server.restart({ empty: true })
    expect(await redis(server.url, 'GET', 'key')).toBeNull()
  })

  test('provide a dedicated Redis that can hang', async () => {
    const server = await dedicatedRedis()
    const client = new Redis(server.url, { commandTimeout: 200 })
    onTestFinished(() => client.disconnect())
    expect(await client.ping()).toBe('PONG')
    server.pause()
    await expect(client.ping()).rejects.toThrow('Command timed out')
    server.resume()
    expect(await client.ping()).toBe('PONG')
  })

  test('provide a dedicated Redis that loses its data if it is not durable', async () => {
    const server = await dedicatedRedis({ durable: false })
    await redis(server.url, 'SET', 'key', '1')
    await server.kill()
    await server.restart()
    expect(await redis(server.url, 'GET', 'key')).toBeNull()
  })
})

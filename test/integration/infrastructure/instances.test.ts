import { PrismaPg } from '@prisma/adapter-pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaClient } from '../../../src/generated/prisma/client.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { LIVE_WINDOW_MS, type InstanceReport, type Instances } from '../../../src/infrastructure/instances/instances.js'
import { MemoryInstances, type Heartbeats } from '../../../src/infrastructure/instances/memory-instances.js'
import { PostgresInstances } from '../../../src/infrastructure/instances/postgres-instances.js'
import type { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { VirtualTime } from '../../../src/infrastructure/time/virtual-time.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'

let database: TestDatabase
let prisma: PrismaClient
beforeAll(async () => {
  database = await createTestDatabase()
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 2 }) })
})
afterAll(async () => {
  await prisma?.$disconnect()
  await database?.drop()
})

const heartbeats: Heartbeats = new Map()
const time = new VirtualTime()
const report = (change: Partial<InstanceReport> = {}): InstanceReport => {
  return { role: 'worker', redisOk: true, redisCheckedAt: null, lastError: null, ...change }
}

interface Bench {
  open: () => Instances
  wait: (ms: number) => Promise<unknown>
}
const inPostgres: Bench = { open: () => new PostgresInstances(prisma as PrismaService), wait: (ms) => sleep(ms) }
const inMemory: Bench = {
  open: () => new MemoryInstances(newId('ins'), heartbeats, time),
  wait: (ms) => time.until(time.sleep(ms), ms),
}

/** One suite for both implementations of the port. */
describe.each([
  ['in PostgreSQL', inPostgres],
  ['in memory', inMemory],
] as const)('Instances %s', (_name, { open, wait }) => {
  it('assumes two until the first heartbeat, then counts the live ones', async () => {
    const [one, two] = [open(), open()]
    expect(one.liveCount()).toBe(2)
    expect(await one.heartbeat(report())).toMatchObject([{ id: one.id, redisOk: true, lastError: null }])
    expect(one.liveCount()).toBe(1)
    const live = await two.heartbeat(report({ role: 'api', redisOk: false, lastError: 'refused' }))
    const byId = [one, two].map(({ id }) => id).toSorted()
    expect(live.map(({ id }) => id)).toEqual(byId)
    const expected = { role: 'api', redisOk: false, lastError: 'refused', name: two.nameOf('api') }
    expect(live.find(({ id }) => id === two.id)).toMatchObject(expected)
    await Promise.all([one.leave(), two.leave()])
    expect(await one.live()).toEqual([])
  })

  it('counts commands only while no service process is live', async () => {
    const [command, service] = [open(), open()]
    expect(await command.heartbeat(report({ role: 'cli' }))).toMatchObject([{ id: command.id }])
    expect(await service.heartbeat(report({ role: 'all' }))).toMatchObject([{ id: service.id }])
    await service.leave()
    expect(await command.live()).toMatchObject([{ id: command.id }])
    await command.leave()
  })

  it('knows for longer whether a process had no Redis, even a command', async () => {
    const [dead, alive] = [open(), open()]
    await alive.heartbeat(report())
    expect(await alive.anyWithoutRedis(LIVE_WINDOW_MS)).toBe(false)
    await dead.heartbeat(report({ role: 'cli', redisOk: false }))
    await wait(LIVE_WINDOW_MS + 100)
    expect(await alive.anyWithoutRedis(LIVE_WINDOW_MS)).toBe(false)
    expect(await alive.anyWithoutRedis(10 * LIVE_WINDOW_MS)).toBe(true)
    await Promise.all([dead.leave(), alive.leave()])
    expect(await alive.anyWithoutRedis(10 * LIVE_WINDOW_MS)).toBe(false)
  })

  it('does not count a process without a recent heartbeat', async () => {
    const [dead, alive] = [open(), open()]
    await dead.heartbeat(report())
    await wait(LIVE_WINDOW_MS + 100)
    expect(await alive.heartbeat(report())).toMatchObject([{ id: alive.id }])
    await alive.leave()
  })
})

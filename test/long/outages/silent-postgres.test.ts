import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../../src/infrastructure/config/config.js'
import { ServiceState } from '../../../src/infrastructure/instances/service-state.js'
import { AdvisoryLocks } from '../../../src/infrastructure/locks/advisory-locks.js'
import { isDatabaseOutage } from '../../../src/infrastructure/errors/database-outage.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { startTcpProxy, type TcpProxy } from '../../support/servers/tcp-proxy.js'

let database: TestDatabase
let proxy: TcpProxy
let prisma: PrismaService
let locks: AdvisoryLocks
let serverPort: number

beforeAll(async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  serverPort = Number(url.port)
  proxy = await startTcpProxy(serverPort)
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  const config = { databaseUrl: url.href } as Config
  prisma = new PrismaService(config)
  locks = new AdvisoryLocks(config, new ServiceState())
})
afterAll(async () => {
  await proxy?.close()
  await prisma?.onApplicationShutdown()
  await locks?.onApplicationShutdown()
  await database?.drop()
})

const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

describe('A PostgreSQL connection that drops all packets', () => {
  it('fails queries, transactions and locks as an outage, and is not reused', async () => {
    await prisma.$queryRaw`SELECT 1`
    let lost: AbortSignal | undefined
    const work = locks.tryWith('work', async (signal) => {
      lost = signal
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      return 'noticed'
    })
    await expect.poll(() => lost).toBeDefined()
    let onSilence: () => void = () => undefined
    const silenced = new Promise<void>((resolve) => (onSilence = resolve))
    const held = failure(
      prisma.$transaction(
        async (tx) => {
          await tx.$queryRaw`SELECT 1`
          proxy.silence()
          onSilence()
          await tx.$queryRaw`SELECT 1`
        },
        { timeout: 60_000 },
      ),
    )
    await silenced
    const failures = await Promise.all([held, failure(prisma.$queryRaw`SELECT 1`)])
    for (const error of failures) expect(error).toSatisfy(isDatabaseOutage)
    expect(await work).toBe('noticed')
    expect(lost?.aborted).toBe(true)

    proxy.switchTo(serverPort)
    await prisma.$queryRaw`SELECT 1`
    expect(await locks.tryWith('work', async () => 'again')).toBe('again')
  }, 60_000)
})

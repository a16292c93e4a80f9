import { Controller, Get, Module, Sse, type DynamicModule, type MessageEvent } from '@nestjs/common'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { interval, map, type Observable } from 'rxjs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { AccountsModule } from '../../../src/accounts/accounts.module.js'
import { StoresModule } from '../../../src/adapters/stores.module.js'
import type { Config } from '../../../src/infrastructure/config/config.js'
import { Public } from '../../../src/infrastructure/http/access.js'
import { InfrastructureModule } from '../../../src/infrastructure/infrastructure.module.js'
import { isDatabaseOutage } from '../../../src/infrastructure/errors/database-outage.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { waitForDatabase } from '../../../src/infrastructure/prisma/wait-for-database.js'
import type { RedisClient } from '../../../src/infrastructure/redis/create-redis.js'
import { InjectRedis } from '../../../src/infrastructure/redis/redis-clients.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis, startRedis } from '../../support/servers/redis.js'

@Public()
@Controller('probe')
class ProbeController {
  constructor(
    private readonly prisma: PrismaService,
    @InjectRedis('gate') private readonly gate: RedisClient,
  ) {}

  @Get('database')
  async database(): Promise<object> {
    return { users: await this.prisma.user.count() }
  }

  @Get('transaction')
  async transaction(): Promise<object> {
    return { users: await this.prisma.$transaction(async (transaction) => transaction.user.count()) }
  }

  @Get('slow')
  async slow(): Promise<object> {
    await sleep(500)
    return { finished: true }
  }

  @Sse('endless')
  endless(): Observable<MessageEvent> {
    return interval(50).pipe(map((n) => ({ data: { n } })))
  }

  @Get('redis')
  async redis(): Promise<object> {
    return { response: await this.gate.ping() }
  }
}

@Module({})
class RootModule {
  static of(config: Config): DynamicModule {
    const imports = [InfrastructureModule.of(config), StoresModule, AccountsModule]
    return { module: RootModule, imports, controllers: [ProbeController] }
  }
}

const root = (config: Config): DynamicModule => RootModule.of(config)
const UNREACHABLE = '127.0.0.1:1'

let database: TestDatabase
let service: TestApp | undefined
const closers: (() => void)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
})

afterEach(async () => {
  await service?.close()
  service = undefined
  for (const close of closers.splice(0)) close()
})

afterAll(async () => database?.drop())

/** Starts a server that accepts connections and never responds. Returns host:port. */
async function startSilentServer(): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const start = performance.now()
  return [await work, performance.now() - start]
}

describe('The service without Redis', () => {
  it('starts, reports what is missing, serves requests that need no Redis, and stops', async () => {
    service = await startTestApp({ databaseUrl: database.url, redisUrl: `redis://${UNREACHABLE}`, root })
    expect((await service.call('GET', '//health/live')).status).toBe(200)
    const ready = await service.call('GET', '//health/ready')
    expect(ready.status).toBe(503)
    expect(ready.headers['content-type']).toContain('application/problem+json')
    expect(ready.body).toMatchObject({ code: 'UNAVAILABLE', detail: 'Not ready: redis', errors: [{ field: 'redis' }] })
    expect((await service.call('GET', '/probe/database')).status).toBe(200)
    const refused = await service.call('GET', '/probe/redis')
    expect(refused.status).toBe(503)
    expect(refused.body).toMatchObject({ code: 'UNAVAILABLE' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(await service.login()).toBeTruthy()
    const [, ms] = await timed(service.close())
    service = undefined
    expect(ms).toBeLessThan(3000)
  })

  it('fails fast while Redis hangs, and recovers', async () => {
    const redis = await startRedis()
    closers.push(() => void redis.stop())
    service = await startTestApp({ databaseUrl: database.url, redisUrl: redis.url, root })
    await expect.poll(async () => (await service?.call('GET', '//health/ready'))?.status).toBe(200)
    redis.pause()
    const [hung, ms] = await timed(service.call('GET', '/probe/redis'))
    expect(hung.status).toBe(503)
    expect(ms).toBeLessThan(2000)
    const [ready, readyMs] = await timed(service.call('GET', '//health/ready'))
    expect(ready.status).toBe(503)
    expect(readyMs).toBeLessThan(2500)
    redis.resume()
    await expect.poll(async () => (await service?.call('GET', '/probe/redis'))?.status, { timeout: 5000 }).toBe(200)
    await redis.kill()
    expect((await service.call('GET', '/probe/redis')).status).toBe(503)
    await redis.restart()
    await expect.poll(async () => (await service?.call('GET', '/probe/redis'))?.status, { timeout: 5000 }).toBe(200)
  })
})

describe('The service without PostgreSQL', () => {
  it.each([
    ['is unreachable', async () => UNREACHABLE],
    ['hangs', startSilentServer],
  ])('responds 503 while PostgreSQL %s', async (_state, findAddress) => {
    const databaseUrl = `postgresql://postgres@${await findAddress()}/none`
    service = await startTestApp({ databaseUrl, redisUrl: await sharedRedis(), root, firstAdmin: false })
    const [ready, ms] = await timed(service.call('GET', '//health/ready'))
    expect(ready.status).toBe(503)
    expect(ready.body).toMatchObject({ detail: 'Not ready: postgresql', errors: [{ field: 'postgresql' }] })
    expect(JSON.stringify(ready.body)).not.toContain('127.0.0.1')
    expect(ms).toBeLessThan(2500)
    const login = { email: 'a@example.com', password: 'some long password' }
    const responses = await Promise.all([
      service.call('GET', '/probe/database'),
      service.call('GET', '/probe/transaction'),
      service.call('POST', '/auth/login', { body: login }),
    ])
    for (const { status, body, headers } of responses) {
      expect([status, body['code']]).toEqual([503, 'UNAVAILABLE'])
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      expect(JSON.stringify(body)).not.toContain('127.0.0.1')
    }
    expect((await service.call('GET', '/probe/redis')).status).toBe(200)
  })

  it('recovers from a closed connection, and responds 503 when the database was dropped', async () => {
    const own = await createTestDatabase()
    service = await startTestApp({ databaseUrl: own.url, redisUrl: await sharedRedis(), root })
    const prisma = service.app.get(PrismaService)
    const cut = prisma.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())::text`
    await expect(cut).rejects.toSatisfy(isDatabaseOutage)
    expect(await prisma.user.count()).toBe(1)
    await own.drop()
    expect((await service.call('GET', '/probe/database')).status).toBe(503)
  })
})

describe('Shutdown', () => {
  it('completes requests in progress, aborts endless ones, and accepts no new ones', async () => {
    service = await startTestApp({ databaseUrl: database.url, redisUrl: await sharedRedis(), root, listen: true })
    const { url } = service
    const slow = fetch(`${url}/api/v1/probe/slow`)
    const endless = await fetch(`${url}/api/v1/probe/endless`)
    const cut = endless.text().then(
      () => 'ended',
      () => 'cut',
    )
    await sleep(100)
    const closing = timed(service.close())
    service = undefined
    const response = await slow
    expect([response.status, await response.json()]).toEqual([200, { finished: true }])
    const [, ms] = await closing
    expect(ms).toBeLessThan(6000)
    expect(await cut).toBeTruthy()
    await expect(fetch(`${url}/health/live`)).rejects.toThrow()
  })
})

describe('isDatabaseOutage', () => {
  it('distinguishes transient outages from permanent errors', async () => {
    service = await startTestApp({ databaseUrl: database.url, redisUrl: await sharedRedis(), root })
    const prisma = service.app.get(PrismaService)
    const failureOf = (work: Promise<unknown>) => work.then(String, (error: unknown) => error)
    const timeout = prisma.$transaction([
      prisma.$executeRaw`SET LOCAL statement_timeout = 50`,
      prisma.$queryRaw`SELECT pg_sleep(1)::text`,
    ])
    expect(isDatabaseOutage(await failureOf(timeout))).toBe(true)
    expect(isDatabaseOutage(await failureOf(prisma.$queryRaw`SELECT * FROM nothing_here`))).toBe(false)
    expect(isDatabaseOutage(await failureOf(prisma.$queryRaw`SELECT 1 / 0`))).toBe(false)
    expect(isDatabaseOutage(await failureOf(prisma.user.update({ where: { id: 'x' }, data: { name: 'y' } })))).toBe(
      false,
    )
    expect(isDatabaseOutage(new Error('anything'))).toBe(false)
    // Read-only, no disk, no memory, a disk that fails.
    for (const code of ['25006', '53100', '53200', '58030']) expect(isDatabaseOutage({ code })).toBe(true)
  })
})

describe('waitForDatabase', () => {
  it('returns immediately when the database is available', async () => {
    await waitForDatabase(database.url)
  })

  it('fails after the timeout without exposing the password', async () => {
    const url = `postgresql://u:hunter2@${UNREACHABLE}/none`
    const [message, ms] = await timed(waitForDatabase(url, 700).catch((error: Error) => error.message))
    expect(message).toMatch(/^PostgreSQL cannot be used: .*ECONNREFUSED/)
    expect(message).not.toContain('hunter2')
    expect(ms).toBeGreaterThan(600)
    expect(ms).toBeLessThan(3000)
  })
})

import { rmSync } from 'node:fs'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startSimulator, type EventbriteSimulator } from '../../../simulators/eventbrite/server.js'
import type { ConnectionDto } from '../../../src/connection-commands/connections.dto.js'
import type { StockDto } from '../../../src/events/stock/stock.dto.js'
import { ADMIN } from '../../support/service/app.js'
import { cliWith, newDataDir } from '../../support/service/cli.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { buildService, startServiceProcess, type ServiceProcess } from '../../support/service/service-process.js'
import { until } from '../../support/service/test-system.js'

// Every command starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 180_000 })

const TOKEN = 'a-token-that-must-stay-secret'
const [OLD, NEW] = ['the first key of this installation, long', 'the second key of this installation, long']

const dataDir = newDataDir()
let database: TestDatabase
let platform: EventbriteSimulator
let env: Record<string, string>
let service: ServiceProcess
let token: string
const logs: string[] = []

beforeAll(async () => {
  await buildService()
  database = await createTestDatabase()
  platform = await startSimulator({ tokens: [TOKEN], webhookPace: 0.2 })
  env = {
    DATABASE_URL: database.url,
    REDIS_URL: await sharedRedis(),
    DATA_DIR: dataDir,
    DEMO: 'off',
    EVENTBRITE_API_URL: platform.url,
    AUTH_SECRET: 'a secret that only tests use',
    ENCRYPTION_KEY: OLD,
  }
})
afterAll(async () => {
  await service?.kill()
  await platform?.close()
  await database?.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(key: string): Promise<void> {
  const more = { ENCRYPTION_KEY: key, LOG_LEVEL: 'debug', LOG_FORMAT: 'json', PAYMENTS: 'none' }
  service = await startServiceProcess({ role: 'all', env: { ...env, ...more }, onLine: (line) => logs.push(line) })
  token = (await call<{ accessToken: string }>('POST', '/auth/login', ADMIN)).accessToken
}

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${service.url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return (await response.json()) as T
}

/** All rows of all tables as text; bytes as hex. */
async function dump(): Promise<string> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    )
    const rows: string[] = []
    for (const { name } of tables.rows) {
      const content = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`)
      rows.push(...content.rows.map(({ row }) => row))
    }
    return rows.join('\n')
  } finally {
    await client.end()
  }
}

it('An account is added, used, kept through a rotation of the key and removed, and its token is nowhere in clear', async () => {
  const cli = cliWith(env)
  const add = ['connections', 'add', '--platform', 'EVENTBRITE', '--label', 'Second', '--json']
  const refused = await cliWith(env, JSON.stringify({ token: 'a-wrong-token' }))(...add)
  expect([refused.code, refused.stdout]).toEqual([2, ''])
  expect(refused.stderr).toContain('credentials')
  expect(refused.stderr).not.toContain('a-wrong-token')
  const malformed = await cliWith(env, TOKEN)(...add)
  expect([malformed.code, malformed.stderr.includes(TOKEN)]).toEqual([2, false])
  const added = await cliWith(env, JSON.stringify({ token: TOKEN }))(...add)
  expect(added.code, added.stderr).toBe(0)
  const { id } = added.json() as ConnectionDto
  expect(added.json()).toMatchObject({ label: 'Second', state: 'READY', fromEnvironment: false })

  await start(OLD)
  const listing = platform.control.createEvent({ capacityTotal: 1 }).id
  const event = await call<{ id: string; channels: object[] }>('POST', '/events', {
    name: 'An event',
    startsAt: '2031-01-01T18:00:00Z',
    capacity: 50,
    // The only account of the platform.
    channels: [{ platform: 'EVENTBRITE', externalEventId: listing }],
  })
  expect(event.channels).toMatchObject([{ connectionId: id }])
  const stock = () => call<StockDto>('GET', `/events/${event.id}/stock`)
  await until(async () => expect((await stock()).channels[0]).toMatchObject({ confirmedCap: 45 }), 60_000)

  const rotated = await cliWith({ ...env, ENCRYPTION_KEY: `${NEW},${OLD}` })('secrets', 'rotate', '--json')
  expect(rotated.json()).toMatchObject({ rotated: 1 })
  await service.stop()
  await start(NEW)
  platform.control.buy({ eventId: listing, quantity: 2 })
  await until(async () => expect((await stock()).sold).toBe(2), 60_000)

  const newest = cliWith({ ...env, ENCRYPTION_KEY: NEW })
  expect((await newest('connections', 'list', '--json')).json()).toMatchObject({ items: [{ id, channels: 1 }] })
  expect((await newest('connections', 'check', id, '--json')).json()).toMatchObject({ id, state: 'READY' })
  expect((await newest('connections', 'check', 'con_none')).code).toBe(3)
  expect((await newest('connections', 'remove', id)).code).toBe(1)
  const findings = (await newest('doctor', '--json')).json() as { findings: { check: string; level: string }[] }
  expect(findings.findings.find(({ check }) => check === 'eventbrite (Second)')?.level).toBe('green')
  const outdated = (await cli('doctor', '--json')).json() as { findings: { check: string; level: string }[] }
  expect(outdated.findings.find(({ check }) => check === 'eventbrite (Second)')?.level).toBe('red')

  const content = await dump()
  for (const secret of [TOKEN, Buffer.from(TOKEN).toString('hex'), Buffer.from(TOKEN).toString('base64')]) {
    expect(content.includes(secret), secret).toBe(false)
    expect(
      logs.some((line) => line.includes(secret)),
      secret,
    ).toBe(false)
  }
  expect(logs.length).toBeGreaterThan(10)
  expect(JSON.stringify([added, await call('GET', '/connections')])).not.toContain(TOKEN)

  const { channels } = await call<{ channels: { id: string }[] }>('GET', `/events/${event.id}`)
  const detached = await fetch(`${service.url}/api/v1/events/${event.id}/channels/${channels[0]?.id}`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ reason: 'over', assume: 'SOLD_ONLY' }),
  })
  expect(detached.status).toBe(202)
  const removed = await newest('connections', 'remove', id, '--json')
  expect(removed.json()).toEqual({ id, removed: true })
  expect((await newest('connections', 'list', '--json')).json()).toEqual({ items: [] })
})

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startSimulator, type EventbriteSimulator } from '../../../simulators/eventbrite/server.js'
import type { EventDetailsDto } from '../../../src/events/event-response.dto.js'
import type { StockDto } from '../../../src/events/stock/stock.dto.js'
import { cliWith, newDataDir } from '../../support/service/cli.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { buildService } from '../../support/service/service-process.js'

// Every command starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 180_000 })

const TOKEN = 'token'
const dataDir = newDataDir()
let database: TestDatabase
let platform: EventbriteSimulator
let env: Record<string, string>

beforeAll(async () => {
  await buildService()
  database = await createTestDatabase()
  platform = await startSimulator({ tokens: [TOKEN] })
  env = {
    DATABASE_URL: database.url,
    REDIS_URL: await sharedRedis(),
    DATA_DIR: dataDir,
    DEMO: 'off',
    EVENTBRITE_API_URL: platform.url,
    EVENTBRITE_TOKEN: TOKEN,
  }
})
afterAll(async () => {
  await platform?.close()
  await database?.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

const EVENT = { name: 'An event', startsAt: '2031-01-01T18:00:00Z', capacity: 50 }
const eventOn = (listing: string) => ({
  ...EVENT,
  channels: [{ platform: 'EVENTBRITE', externalEventId: listing }],
})
let files = 0
const fileOf = (content: string) => {
  const path = join(dataDir, `event-${files++}.json`)
  writeFileSync(path, content)
  return path
}

it('An event is created from a file, and its caps are confirmed when the command ends', async () => {
  const listing = platform.control.createEvent({ capacityTotal: 100 }).id
  const created = await cliWith(env)('events', 'create', '--from', fileOf(JSON.stringify(eventOn(listing))), '--json')
  expect(created.code, created.stderr).toBe(0)
  const event = created.json() as EventDetailsDto & { stock: StockDto }
  expect(event).toMatchObject({ name: 'An event', channels: [{ externalEventId: listing }] })
  expect(event.stock.channels[0]).toMatchObject({ desiredCap: 45, confirmedCap: 45 })
  expect(created.stderr).toContain(`Created ${event.id}\nEVENTBRITE ${listing}: being read\n`)
  expect(created.stderr).toContain(`EVENTBRITE ${listing}: confirmed at 45\n`)
  expect(platform.control.truth(listing)).toMatchObject({ capacity: 45 })
})

it('Standard input is a file too, and nothing is waited for on request', async () => {
  const listing = platform.control.createEvent({ capacityTotal: 100 }).id
  const cli = cliWith(env, JSON.stringify(eventOn(listing)))
  const created = await cli('events', 'create', '--from', '-', '--no-wait', '--json')
  expect(created.code, created.stderr).toBe(0)
  expect((created.json() as { stock: StockDto }).stock.channels[0]).toMatchObject({ confirmedCap: null })
  expect(created.stderr).not.toContain('being read')
})

it('What the API refuses is refused with exit 2 and the names of the fields, and nothing is created', async () => {
  const cli = cliWith(env)
  const before = (await cli('events', 'list', '--json')).json() as { items: object[] }
  const channels = [{ platform: 'EVENTBRITE', externalEventId: '1', connectionId: 'con_none' }]
  const several = { ...EVENT, capacity: 0, colour: 'red', channels: [{ platform: 'FAX' }] }
  const cases: [string, string[]][] = [
    [JSON.stringify(several), ['capacity must', 'colour is not a known field', 'channels.0.platform must']],
    [JSON.stringify({ ...EVENT, channels }), ['channels.0.connectionId is no connection']],
    [JSON.stringify({ ...EVENT, name: 'a\u0000' }), ['name must not contain NUL']],
    ['name: An event', ['body is not valid JSON']],
  ]
  for (const [body, messages] of cases) {
    const { code, stdout, stderr } = await cli('events', 'create', '--from', fileOf(body))
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
    for (const message of ['error VALIDATION_FAILED: ', ...messages]) expect(stderr).toContain(message)
  }
  const missing = await cli('events', 'create', '--from', join(dataDir, 'none.json'))
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('none.json cannot be read')])
  const after = (await cli('events', 'list', '--json')).json() as { items: object[] }
  expect(after.items).toHaveLength(before.items.length)
})

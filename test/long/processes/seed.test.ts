import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AlertDto } from '../../../src/alerts/alerts.dto.js'
import type { DoorDto } from '../../../src/door/attendance/attendance.dto.js'
import type { DuplicatesDto } from '../../../src/door/duplicates/duplicates.dto.js'
import type { EventDto } from '../../../src/events/event-response.dto.js'
import type { StockDto } from '../../../src/events/stock/stock.dto.js'
import type { ModeDto } from '../../../src/fail-safe/mode.dto.js'
import type { DriftItemDto } from '../../../src/reconciliation/reconciliation.dto.js'
import { ADMIN } from '../../support/service/app.js'
import { newDataDir } from '../../support/service/cli.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { buildService, startServiceProcess, type ServiceProcess } from '../../support/service/service-process.js'

// Each scenario waits for the platforms, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

const dataDir = newDataDir()
let database: TestDatabase
let service: ServiceProcess
let token: string

beforeAll(async () => {
  await buildService()
  database = await createTestDatabase()
  const env = { DATABASE_URL: database.url, REDIS_URL: await sharedRedis(), DATA_DIR: dataDir }
  service = await startServiceProcess({ role: 'all', env: { ...env, DEMO: 'on', MEETUP_POLL_SECONDS: '1' } })
  const response = await fetch(`${service.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  })
  token = ((await response.json()) as { accessToken: string }).accessToken
})

afterAll(async () => {
  await service?.kill()
  await database?.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

interface Result {
  code: number
  stdout: string
  stderr: string
}

function seed(...args: string[]): Promise<Result> {
  const options = ['--url', service.url, '--data-dir', dataDir, '--email', ADMIN.email, '--password', ADMIN.password]
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/seed.mjs', ...args, ...options], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${service.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })
  expect(response.status).toBe(200)
  return (await response.json()) as T
}

/** Runs a scenario; returns the event whose address it prints. */
async function seededEvent(scenario: string, ...args: string[]): Promise<string> {
  const result = await seed(scenario, ...args)
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(result.stdout).toContain(`${service.url}/#/`)
  return /#\/events\/(evt_\w+)/.exec(result.stdout)?.[1] ?? ''
}

async function alertsOf(eventId: string): Promise<string[]> {
  const { items } = await get<{ items: AlertDto[] }>('alerts?state=open&limit=100')
  return items.filter((alert) => alert.eventId === eventId).map(({ kind }) => kind)
}

describe('npm run seed', () => {
  it('lists the scenarios, and exits with 2 on an unknown one', async () => {
    const [help, unknown] = await Promise.all([seed('--help'), seed('heavy-rain')])
    expect(help.code).toBe(0)
    for (const name of ['on-sale', 'red-alarm', 'oversold', 'drift', 'door', 'fail-safe'])
      expect(help.stdout).toContain(name)
    expect(unknown).toMatchObject({ code: 2, stdout: '' })
    expect(unknown.stderr).toContain('unknown scenario: heavy-rain')
  })

  it('on-sale: sells on every platform and directly', async () => {
    const id = await seededEvent('on-sale')
    const stock = await get<StockDto>(`events/${id}/stock`)
    expect(stock).toMatchObject({ state: 'ON_SALE', sold: 11, held: 3, oversold: 0 })
    expect(Object.fromEntries(stock.channels.map(({ platform, sold }) => [platform, sold]))).toEqual({
      EVENTBRITE: 3,
      LUMA: 3,
      MEETUP: 3,
      DIRECT: 2,
    })
  })

  it('red-alarm: sells to the soft cap, and every platform is on waitlist only', async () => {
    const id = await seededEvent('red-alarm')
    expect((await get<EventDto>(`events/${id}`)).state).toBe('RED_ALARM')
    const { channels } = await get<StockDto>(`events/${id}/stock`)
    const platforms = channels.filter(({ platform }) => platform !== 'DIRECT')
    expect(platforms.map(({ mode }) => mode)).toEqual(['WAITLIST_ONLY', 'WAITLIST_ONLY', 'WAITLIST_ONLY'])
    expect(await alertsOf(id)).toContain('RED_ALARM')
  })

  it('oversold: five tickets more than the event has', async () => {
    const id = await seededEvent('oversold')
    expect(await get<StockDto>(`events/${id}/stock`)).toMatchObject({ capacity: 10, sold: 15, oversold: 5 })
    expect(await alertsOf(id)).toContain('OVERSOLD')
  })

  it('drift: lost sales and a changed cap, found by a run', async () => {
    const id = await seededEvent('drift')
    const { items } = await get<{ items: DriftItemDto[] }>(`events/${id}/drift`)
    const kinds = items.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'MISSING_SALE')).toHaveLength(3)
    expect(kinds).toContain('CAP_DRIFT')
    expect((await get<StockDto>(`events/${id}/stock`)).sold).toBe(3)
  })

  it('door: guests of every channel are in, from phones, platforms and without a ticket, each once', async () => {
    const id = await seededEvent('door', '--minutes', '0')
    const door = await get<DoorDto>(`events/${id}/door`)
    expect(door).toMatchObject({ sold: 14, checkedIn: 11, walkIns: 2, inTheRoom: 13, seatsThatMayComeFree: 1 })
    for (const { attended } of door.channels) expect(attended).toBeGreaterThan(0)
    const { seats } = await get<DuplicatesDto>(`events/${id}/duplicates`)
    expect(seats).toEqual({ certain: 1, possible: 0 })
    expect((await get<StockDto>(`events/${id}/stock`)).oversold).toBe(0)
  }, 120_000)

  it('fail-safe: forces the mode, after which no other scenario starts', async () => {
    const id = await seededEvent('fail-safe')
    expect(await get<ModeDto>('system/mode')).toMatchObject({ mode: 'FAIL_SAFE', forced: true })
    const { channels } = await get<StockDto>(`events/${id}/stock`)
    expect(channels.filter(({ mode }) => mode === 'WAITLIST_ONLY').length).toBeGreaterThanOrEqual(3)
    const refused = await seed('on-sale')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('fail-safe mode')
  })
})

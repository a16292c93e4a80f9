import { isRunning } from '#embedded-services'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { recordDemo } from '../../../src/demo/demo-platforms.js'
import { applyMigrations } from '../../../src/infrastructure/prisma/migrate.js'
import { cliWith, newDataDir, type RunCli } from '../../support/service/cli.js'
import { buildService } from '../../support/service/service-process.js'
import { serverProcesses, sql, startOwner, untilExited } from '../../support/servers/embedded.js'
import {
  EVENTBRITE_TOKEN,
  LUMA_KEY,
  MEETUP_TOKEN,
  startTestSystem,
  WEBHOOK_TOKEN,
  type Listings,
  type TestSystem,
} from '../../support/service/test-system.js'

// Every command starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const dataDir = newDataDir()
beforeAll(buildService)
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

describe('The CLI with embedded servers', () => {
  const cli = cliWith({ DATA_DIR: dataDir, DEMO: 'off' })

  it('exits with 4 on a database it has just created, with a message', async () => {
    for (const args of [
      ['events', 'list'],
      ['fail-safe', 'on', '--reason', 'fire drill'],
      ['stock', 'verify'],
    ]) {
      const { code, stdout, stderr } = await cli(...args)
      expect({ code, stdout }, stderr).toEqual({ code: 4, stdout: '' })
      expect(stderr).toContain('The database has just been created')
      expect(stderr).toContain('DATA_DIR')
    }
    const doctor = await cli('doctor', '--json')
    expect(doctor.code).toBe(4)
    expect(doctor.json()).toMatchObject({ findings: expect.any(Array) as unknown })
    expect(doctor.stderr).toContain('The database has just been created')
    expect(existsSync(join(dataDir, 'runtime.json'))).toBe(false)
    const owner = await startOwner(dataDir)
    await applyMigrations(owner.databaseUrl, 'prisma/migrations', () => undefined)
    expect(await owner.stop()).toBe(0)
  })

  it('starts the servers for one command at a time while the service is stopped, and stops them afterwards', async () => {
    const [events, mode] = await Promise.all([cli('events', 'list', '--json'), cli('fail-safe', 'status', '--json')])
    expect([events.code, mode.code]).toEqual([0, 0])
    expect(events.json()).toEqual({ items: [], nextCursor: null })
    expect(mode.json()).toMatchObject({ mode: 'NORMAL', forced: false, channels: { open: 0 } })
    expect(existsSync(join(dataDir, 'runtime.json'))).toBe(false)
    expect(Object.values(serverProcesses(dataDir)).some(isRunning)).toBe(false)
  })

  it('uses the servers of a running service and leaves them running', async () => {
    const owner = await startOwner(dataDir)
    const processes = serverProcesses(dataDir)
    const { code, stderr } = await cli('events', 'list')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await sql(owner.databaseUrl, 'SELECT 1')).toBe('1')
    expect(await owner.stop()).toBe(0)
    await untilExited(processes.postgres, processes.redis)
  })
})

describe('The CLI with platforms and no running worker', () => {
  let system: TestSystem
  let listings: Listings
  let eventId: string
  let cli: RunCli

  beforeAll(async () => {
    const env = { FAIL_SAFE_RECOVERY_MS: '200' }
    system = await startTestSystem({ background: false, env })
    listings = system.list()
    eventId = await system.createEvent(200, listings)
    cli = cliWith({ ...system.env, DATABASE_URL: system.databaseUrl, REDIS_URL: system.redisUrl, DATA_DIR: dataDir })
  })
  afterAll(() => system?.close())

  it('closes all platforms in fail-safe mode and reopens them with their desired caps', async () => {
    const on = await cli('fail-safe', 'on', '--reason', 'fire drill', '--json')
    expect(on.code).toBe(0)
    expect(on.json()).toMatchObject({
      forced: true,
      channels: { open: 0, waitlistOnly: 3, pending: 0 },
      items: ['MEETUP', 'EVENTBRITE', 'LUMA'].map((platform) => ({ eventId, platform, mode: 'WAITLIST_ONLY' })),
    })
    expect(system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 }).orderId).toBeNull()
    const off = await cli('fail-safe', 'off', '--reason', 'over', '--json')
    expect([off.code, off.json()]).toMatchObject([0, { mode: 'NORMAL', channels: { open: 3, pending: 0 } }])
    expect(system.truth(listings).exposure).toEqual({ EVENTBRITE: 60, LUMA: 60, MEETUP: 60 })
  })

  it('reports a missed sale in a dry run and corrects it in a run', async () => {
    const { guestId } = system.luma.control.register({
      eventId: listings.luma,
      name: 'Cy',
      email: 'cy@example.com',
      quantity: 2,
    })
    const found = { kind: 'MISSING_SALE', channel: 'LUMA', externalOrderId: guestId, ledger: 0, platform: 2 }
    const dry = await cli('reconcile', '--dry-run', '--json')
    expect([dry.code, dry.json()]).toMatchObject([0, { state: 'SUCCEEDED', items: [{ ...found, corrected: false }] }])
    expect((await system.stock(eventId)).sold).toBe(0)
    const done = await cli('reconcile', '--event', eventId, '--json')
    expect([done.code, done.json()]).toMatchObject([0, { state: 'SUCCEEDED', items: [{ ...found, corrected: true }] }])
    expect((await system.stock(eventId)).sold).toBe(2)
  })

  it('reports planned rebalance moves and whether the platforms accept the credentials', async () => {
    const addresses = {
      eventbrite: { apiUrl: system.env.EVENTBRITE_API_URL, token: EVENTBRITE_TOKEN, controlUrl: '' },
      luma: { apiUrl: system.env.LUMA_API_URL, apiKey: LUMA_KEY, controlUrl: '' },
      meetup: { apiUrl: system.env.MEETUP_API_URL, accessToken: MEETUP_TOKEN, controlUrl: '' },
    }
    const removeDemoRecord = recordDemo(dataDir, { addresses, webhookToken: WEBHOOK_TOKEN })
    const servers = { DATABASE_URL: system.databaseUrl, REDIS_URL: system.redisUrl, DATA_DIR: dataDir }
    const [moves, refused, demo] = await Promise.all([
      cli('rebalance', eventId, '--dry-run', '--json'),
      cliWith({ ...system.env, ...servers, LUMA_API_KEY: 'revoked' })('doctor', '--json'),
      // As in the demo: no credentials in the environment, and webhooks to the service's own address.
      cliWith({ ...servers, PUBLIC_URL: system.app.url, DEMO: 'on' })('doctor', '--json'),
    ])
    removeDemoRecord()
    expect([moves.code, moves.json()]).toMatchObject([0, { moves: expect.any(Array) as unknown, applied: false }])
    const finding = (check: string, level: string) => expect.objectContaining({ check, level }) as unknown
    const levels = [finding('eventbrite', 'green'), finding('luma', 'red'), finding('meetup', 'green')]
    expect((refused.json() as { findings: unknown[] }).findings).toEqual(expect.arrayContaining(levels))
    const subscribed = ['eventbrite', 'luma', 'meetup', 'eventbrite webhooks', 'luma webhooks']
    const good = subscribed.map((check) => finding(check, 'green'))
    expect((demo.json() as { findings: unknown[] }).findings).toEqual(expect.arrayContaining(good))
  })
})

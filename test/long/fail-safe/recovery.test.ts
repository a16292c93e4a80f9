import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ChannelPull } from '../../../src/channels/reading/channel-pull.js'
import { onDebugPoint, type DebugPoint } from '../../../src/infrastructure/debug-point.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import {
  modeOf,
  startWatchedTestSystem,
  untilChannels,
  untilMode,
  type WatchedTestSystem,
} from '../../support/service/outage.js'
import { until, type Listings } from '../../support/service/test-system.js'

const POINTS = ['rebuild', 'drain', 'sweep', 'caps', 'reopen'].map((step) => `recovery-${step}` as DebugPoint)
const OPEN = { open: 3, waitlistOnly: 0, pending: 0 }

let system: WatchedTestSystem
let listings: Listings
let eventId: string
let prisma: PrismaService
const cleanups: (() => void)[] = []

beforeAll(async () => {
  // Webhooks never arrive and no sweep is due: sales are found by the recovery only.
  system = await startWatchedTestSystem({
    instances: 2,
    knobs: { webhookLoss: 1 },
    env: { SWEEP_INTERVAL_SECONDS: '3600', MEETUP_POLL_SECONDS: '3600', FAIL_SAFE_RECOVERY_MS: '300' },
  })
  prisma = system.app.app.get(PrismaService)
  listings = system.list()
  eventId = await system.createEvent(100, listings)
  await untilChannels(system, OPEN)
})
afterEach(() => {
  for (const cleanUp of cleanups.splice(0)) cleanUp()
})
afterAll(async () => system?.close())

const setMode = (mode: string) =>
  system.app.call('POST', '/system/mode', { token: system.token, body: { mode, reason: 'test' } })

async function enterFailSafe(): Promise<void> {
  await setMode('FAIL_SAFE')
  await untilChannels(system, { open: 0, waitlistOnly: 3, pending: 0 })
}

describe('Recovery from fail-safe mode', () => {
  it('resumes after a crash at every step, in order, and opens no channel before its sales have been read', async () => {
    const passed: DebugPoint[] = []
    let opened = false
    for (const point of POINTS) {
      const crash = { simulated: false }
      const end = onDebugPoint(point, () => {
        const { EVENTBRITE, LUMA } = system.truth(listings).exposure
        opened ||= EVENTBRITE > 1 || LUMA > 1
        if (!crash.simulated) {
          crash.simulated = true
          throw new Error(`crash at ${point}`)
        }
        passed.push(point)
      })
      cleanups.push(end)
    }
    // The only ticket sold before the closing; no webhook reports it.
    system.eventbrite.control.buy({
      eventId: listings.eventbrite,
      quantity: 1,
      buyer: { name: 'Ada', email: 'ada@example.com' },
    })
    await enterFailSafe()
    expect((await system.stock(eventId)).sold).toBe(0)
    await setMode('NORMAL')
    await untilMode(system, 'NORMAL')
    expect(passed).toEqual(POINTS)
    expect(opened).toBe(false)
    expect((await system.stock(eventId)).sold).toBe(1)
    await untilChannels(system, OPEN)
  })

  it('starts again when Redis becomes unavailable during a step', async () => {
    await enterFailSafe()
    const { round } = await prisma.systemMode.findFirstOrThrow()
    let killed: Promise<void> | null = null
    const end = onDebugPoint('recovery-caps', async () => {
      if (killed) return
      killed = system.redis.kill()
      await killed
      await sleep(1_500)
    })
    cleanups.push(end)
    await setMode('NORMAL')
    await until(() => expect(killed).not.toBeNull())
    await until(async () => expect((await prisma.systemMode.findFirstOrThrow()).round).toBeGreaterThan(round + 1))
    expect((await modeOf(system)).mode).toBe('FAIL_SAFE')
    expect(await prisma.channel.count({ where: { needsSweepSince: null } })).toBe(0)
    await system.redis.restart()
    await untilMode(system, 'NORMAL')
    await untilChannels(system, OPEN)
  })

  it('keeps a platform closed whose sales cannot be read, opens the others, and opens it later', async () => {
    await enterFailSafe()
    system.luma.knobs.patch({ outageUntil: Date.now() + 600_000 })
    await setMode('NORMAL')
    await untilMode(system, 'NORMAL')
    await untilChannels(system, { open: 2, waitlistOnly: 1, pending: 0 })
    const channel = await prisma.channel.findFirstOrThrow({ where: { eventId, platform: 'LUMA' } })
    expect(channel).toMatchObject({ confirmedMode: 'WAITLIST_ONLY', syncError: expect.stringContaining('sweep') })
    expect(channel.needsSweepSince).not.toBeNull()
    const raised = await prisma.alert.count({ where: { kind: 'PLATFORM_UNREACHABLE', platform: 'LUMA' } })
    expect(raised).toBeGreaterThan(0)
    system.luma.knobs.patch({ outageUntil: 0 })
    await untilChannels(system, OPEN, 30_000)
  })

  it('keeps a channel closed whose read throws, reports the reason, opens the others, and opens it later', async () => {
    await enterFailSafe()
    for (const { app } of system.apps) {
      const pulls = app.get(ChannelPull)
      const pull = pulls.pull.bind(pulls)
      const spy = vi.spyOn(pulls, 'pull').mockImplementation(async (channel, ...rest) => {
        if (channel.platform === 'MEETUP') throw new TypeError('an unexpected row')
        return pull(channel, ...rest)
      })
      cleanups.push(() => spy.mockRestore())
    }
    await setMode('NORMAL')
    await untilMode(system, 'NORMAL')
    await untilChannels(system, { open: 2, waitlistOnly: 1, pending: 0 })
    const raised = await prisma.alert.findFirstOrThrow({ where: { kind: 'PLATFORM_UNREACHABLE', platform: 'MEETUP' } })
    expect(raised.detail).toContain('an unexpected row')
    for (const cleanUp of cleanups.splice(0)) cleanUp()
    await untilChannels(system, OPEN, 40_000)
  })

  it('completes while the balances of one event are locked', async () => {
    const lockedEventId = await system.createEvent(30, system.list())
    await untilChannels(system, { open: 6, waitlistOnly: 0, pending: 0 })
    await setMode('FAIL_SAFE')
    await untilChannels(system, { open: 0, waitlistOnly: 6, pending: 0 })
    const blocker = new Client({ connectionString: system.databaseUrl })
    await blocker.connect()
    cleanups.push(() => void blocker.end())
    await blocker.query('BEGIN')
    await blocker.query('SELECT 1 FROM ledgers WHERE event_id = $1 FOR UPDATE', [lockedEventId])
    await setMode('NORMAL')
    await untilMode(system, 'NORMAL', 40_000)
    await untilChannels(system, { open: 3 })
    await blocker.query('ROLLBACK')
    await untilChannels(system, { open: 6, waitlistOnly: 0, pending: 0 }, 40_000)
    await system.app.call('POST', `/events/${lockedEventId}/close`, { token: system.token })
    await untilChannels(system, OPEN)
  })

  it('does not start while an operator forces the mode, even if Redis restarts', async () => {
    await enterFailSafe()
    await system.redis.restart()
    await sleep(1_500)
    expect(await modeOf(system)).toMatchObject({ mode: 'FAIL_SAFE', forced: true })
    await setMode('NORMAL')
    await untilMode(system, 'NORMAL')
    await untilChannels(system, OPEN)
  })
})

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSimulator as startEventbrite, type EventbriteSimulator } from '../../../simulators/eventbrite/server.js'
import { startSimulator as startLuma, type LumaSimulator } from '../../../simulators/luma/server.js'
import { startSimulator as startMeetup, type MeetupSimulator } from '../../../simulators/meetup/server.js'
import type { FaultKnobs } from '../../../simulators/kit/index.js'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import type { StockDto } from '../../../src/events/stock/stock.dto.js'
import { freePort } from '#embedded-services'
import { Platforms } from '../../../src/platforms/platforms.js'
import { waitForBudget } from '../../../src/platforms/wait-for-budget.js'
import { Clock } from '../../../src/infrastructure/time/clock.js'
import { Timers } from '../../../src/infrastructure/time/timers.js'
import { startTestApp, type TestApp } from './app.js'
import { createTestDatabase } from '../servers/database.js'
import { sharedRedis } from '../servers/redis.js'

export const WEBHOOK_TOKEN = 'system-webhook-token'
export const MEETUP_SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes len').toString('base64')}`
export const EVENTBRITE_TOKEN = 'system-eventbrite-token'
export const LUMA_KEY = 'system-luma-key'
export const MEETUP_TOKEN = 'system-meetup-token'

const ACCOUNTS = {
  EVENTBRITE_TOKEN,
  EVENTBRITE_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
  LUMA_API_KEY: LUMA_KEY,
  MEETUP_ACCESS_TOKEN: MEETUP_TOKEN,
  MEETUP_WEBHOOK_SECRET: MEETUP_SECRET,
}

export interface Listings {
  eventbrite: string
  luma: string
  meetup: string
}

/** Actual sales and exposures at the three platforms. */
export interface Truth {
  sold: { EVENTBRITE: number; LUMA: number; MEETUP: number }
  /** The larger of the cap and the tickets sold or in carts; Infinity without a cap. */
  exposure: { EVENTBRITE: number; LUMA: number; MEETUP: number }
}

export interface Simulators {
  eventbrite: EventbriteSimulator
  luma: LumaSimulator
  meetup: MeetupSimulator
}

export interface TestSystemOptions {
  seed?: number
  env?: Record<string, string>
  /** Further variables, such as the address of what is in front of a simulator. */
  envFor?: (simulators: Simulators) => Record<string, string>
  knobs?: Partial<FaultKnobs>
  /**
   * Factor by which the platforms' rate-limit windows are shortened (a divisor of 60). The limits, our bursts and the
   * cost of each operation are real, so that starvation at real limits also shows here; only the refill is faster.
   * Default 20; 1 in the long suites.
   */
  pace?: number
  /** Multiplies the limits of the service and of the platforms, for tests that need more than a real budget. */
  limitScale?: number
  databaseUrl?: string
  redisUrl?: string
  /** Number of instances, each a separate application in this process. Default 1. */
  instances?: number
  background?: boolean
  /** False: the environment has no credentials, as in a new installation. The simulators accept them all the same. */
  hasAccounts?: boolean
}

export type TestSystem = Awaited<ReturnType<typeof startTestSystem>>

/** The service on real servers, with the three simulated platforms and their webhooks. */
export async function startTestSystem(options: TestSystemOptions = {}) {
  const { seed = 7, knobs = {}, pace = 20, limitScale = 1, instances = 1, hasAccounts = true } = options
  const windows = { eventbrite: 3_600 / pace, luma: 60 / pace, meetup: 60 / pace }
  const [eventbrite, luma, meetup] = await Promise.all([
    startEventbrite({
      seed,
      knobs,
      tokens: [EVENTBRITE_TOKEN],
      toggles: { rateLimit: 2_000 * limitScale, rateWindowMs: windows.eventbrite * 1_000 },
      webhookPace: 0.2,
    }),
    startLuma({
      seed,
      knobs,
      limitScale,
      limits: { windowMs: windows.luma * 1_000, blockMs: windows.luma * 1_000 },
      credentials: [{ key: LUMA_KEY, kind: 'calendar' }],
    }),
    startMeetup({
      seed,
      knobs: { readLagMs: 0, ...knobs },
      limitScale,
      // Refuses by status, so that the traces show it.
      toggles: { windowMs: windows.meetup * 1_000, throttleStatus: 429 },
      credentials: { accessTokens: [MEETUP_TOKEN] },
    }),
  ])
  const database = options.databaseUrl ? null : await createTestDatabase()
  const databaseUrl = options.databaseUrl ?? database?.url ?? ''
  const redisUrl = options.redisUrl ?? (await sharedRedis())
  const port = await freePort()
  const env = {
    // The platforms are local, so that the service can subscribe to their webhooks.
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    EVENTBRITE_API_URL: eventbrite.url,
    LUMA_API_URL: luma.url,
    MEETUP_API_URL: meetup.url,
    ...(hasAccounts && ACCOUNTS),
    EVENTBRITE_RATE_LIMIT: `${2_000 * limitScale}/${windows.eventbrite}`,
    LUMA_RATE_LIMIT: `${200 * limitScale}/${windows.luma}`,
    MEETUP_RATE_LIMIT: `${500 * limitScale}/${windows.meetup}`,
    MEETUP_POLL_SECONDS: '1',
    SWEEP_INTERVAL_SECONDS: '5',
    REBALANCE_INTERVAL_SECONDS: '2',
    ...options.env,
    ...options.envFor?.({ eventbrite, luma, meetup }),
  }
  const apps: TestApp[] = []
  for (let index = 0; index < instances; index++) {
    const listen = index === 0 ? port : true
    apps.push(await startTestApp({ databaseUrl, redisUrl, env, listen, root: (config) => AppModule.of(config) }))
  }
  const [app] = apps as [TestApp]
  for (const one of apps) if (options.background ?? true) one.app.get(BackgroundTasks).start()
  const token = await app.login()
  if (hasAccounts) await subscribe(apps, app.url)

  const truth = (listings: Listings): Truth => {
    const e = eventbrite.control.truth(listings.eventbrite)
    const l = luma.control.truth(listings.luma)
    const m = meetup.control.truth(listings.meetup)
    return {
      sold: { EVENTBRITE: e.sold, LUMA: l.sold, MEETUP: m.sold },
      exposure: {
        EVENTBRITE: Math.max(e.capacity ?? Infinity, e.sold + e.pending),
        LUMA: Math.max(l.cap ?? Infinity, l.sold + l.pending),
        MEETUP: Math.max(m.cap ?? Infinity, m.sold + m.pending),
      },
    }
  }
  return {
    app,
    apps,
    env,
    databaseUrl,
    redisUrl,
    eventbrite,
    luma,
    meetup,
    token,
    truth,
    /** Creates three listings of one event, as an organizer would. */
    list(caps: { eventbrite?: number; luma?: number; meetup?: number | null } = {}): Listings {
      const { eventbrite: e = 1, luma: l = 1, meetup: m = 1 } = caps
      return {
        eventbrite: eventbrite.control.createEvent({ capacityTotal: e, waitlistEnabled: true }).id,
        luma: luma.control.createEvent({ maxCapacity: l, ticketTypes: [{ maxCapacity: l }] }).eventId,
        meetup: meetup.control.createEvent({ capacity: m, guestLimit: 2 }).eventId,
      }
    },
    async createEvent(capacity: number, listings: Listings, fields: object = {}): Promise<string> {
      const channels = [
        { platform: 'EVENTBRITE', externalEventId: listings.eventbrite },
        { platform: 'LUMA', externalEventId: listings.luma },
        { platform: 'MEETUP', externalEventId: listings.meetup },
      ]
      const startsAt = new Date(Date.now() + 30 * 86_400_000).toISOString()
      const body = { name: `Event ${randomUUID().slice(0, 8)}`, startsAt, capacity, channels, ...fields }
      const response = await app.call<{ id: string }>('POST', '/events', { token, body })
      if (response.status !== 201) throw new Error(`${response.status}: ${JSON.stringify(response.body)}`)
      return response.body.id
    },
    async stock(eventId: string): Promise<StockDto> {
      const response = await app.call<StockDto>('GET', `/events/${eventId}/stock`, { token })
      if (response.status !== 200) throw new Error(`${response.status}: ${JSON.stringify(response.body)}`)
      return response.body
    },
    async close() {
      for (const one of apps) await one.close()
      await Promise.all([eventbrite.close(), luma.close(), meetup.close()])
      await database?.drop()
    },
  }
}

/** A fresh budget of Eventbrite at real limits is nearly empty. */
const SUBSCRIBED_WITHIN_MS = 60_000

async function subscribe(apps: readonly TestApp[], url: string): Promise<void> {
  for (const { app } of apps) {
    const platforms = app.get(Platforms)
    for (const [platform, path] of [
      ['EVENTBRITE', `/webhooks/eventbrite/${WEBHOOK_TOKEN}`],
      ['LUMA', '/webhooks/luma'],
    ] as const) {
      const { adapter } = platforms.ofEnvironment(platform)
      // The service uses the limits of these accounts as well.
      const time = { clock: app.get(Clock), timers: app.get(Timers) }
      const outcome = await waitForBudget(time, SUBSCRIBED_WITHIN_MS, () =>
        adapter.ensureWebhookSubscription(`${url}${path}`, { lane: 'protect' }),
      )
      if (outcome.kind !== 'OK') throw new Error(`${platform} webhooks: ${JSON.stringify(outcome)}`)
    }
  }
}

/** Retries `check` until it passes; throws its last error after the timeout. */
export async function until<T>(check: () => T | Promise<T>, withinMs = 20_000): Promise<T> {
  const end = Date.now() + withinMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > end) throw error
      await sleep(50)
    }
  }
}

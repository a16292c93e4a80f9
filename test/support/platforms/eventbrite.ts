import { onTestFinished } from 'vitest'
import { SystemClock, SystemTimers } from '../../../src/infrastructure/time/system-time.js'
import { skewed, systemClock } from '../../../simulators/kit/index.js'
import {
  startSimulator,
  type EventbriteSimulator,
  type SimulatorOptions,
} from '../../../simulators/eventbrite/server.js'
import { EventbriteAdapter } from '../../../src/platforms/eventbrite/eventbrite-adapter.js'
import { AxiosPlatformHttp, type PlatformHttpParts } from '../../../src/platforms/http/axios-platform-http.js'
import type { Listing, Outcome, PlatformAdapter } from '../../../src/platforms/port.js'
import type { Permit, RateLimiter, RateLimitStatus } from '../../../src/platforms/throttle/limiter.js'

export const TOKEN = 'PRIVATETOKEN1'
export const WEBHOOK_TOKEN = '3f9c0example'

/** Grants everything that is not blocked, and records reported rate limits. */
export class RecordingLimiter implements RateLimiter {
  blockedUntil: Date | null = null
  readonly observed: RateLimitStatus[] = []
  granted = 0

  async acquire(): Promise<Permit> {
    const waitMs = (this.blockedUntil?.getTime() ?? 0) - Date.now()
    if (waitMs > 0) return { granted: false, waitMs }
    return { granted: true, reservation: String(++this.granted) }
  }

  async refund(): Promise<void> {
    this.granted -= 1
  }

  async block(_budget: unknown, until: Date): Promise<void> {
    this.blockedUntil = until
  }

  async observe(_budget: unknown, status: RateLimitStatus): Promise<void> {
    this.observed.push(status)
  }
}

export interface EventbriteHarness {
  simulator: EventbriteSimulator
  adapter: PlatformAdapter
  limiter: RecordingLimiter
  /** All log lines, as JSON. */
  logs: string[]
  /** Moves the simulator's clock forward. */
  advance: (ms: number) => void
  /** Method and path of the requests since the last call of this function. */
  calls: () => string[]
}

interface HarnessOptions {
  simulator?: SimulatorOptions
  /** Default: the token that the simulator accepts. */
  token?: string | null
  timeouts?: PlatformHttpParts['timeouts']
}

/** Starts an Eventbrite simulator and an adapter that uses it over real HTTP; both are closed after the test. */
export async function startHarness({
  simulator: options,
  token,
  timeouts,
}: HarnessOptions = {}): Promise<EventbriteHarness> {
  let offset = 0
  let returned = 0
  const clock = skewed(systemClock, () => offset)
  const simulator = await startSimulator({ tokens: [TOKEN], webhookPace: 0, clock, ...options })
  const limiter = new RecordingLimiter()
  const logs: string[] = []
  const http = new AxiosPlatformHttp({
    platform: 'EVENTBRITE',
    budget: { bucket: 'test', limit: 2_000, windowSeconds: 3_600, reserve: 0.15 },
    limiter,
    clock: new SystemClock(),
    timers: new SystemTimers(),
    log: (level, message, details) => logs.push(JSON.stringify({ level, message, ...details })),
    random: () => 0,
    timeouts: timeouts ?? { callMs: 5_000 },
  })
  const config = {
    apiUrl: simulator.url,
    token: token === undefined ? TOKEN : token,
    webhookToken: WEBHOOK_TOKEN,
  }
  const adapter = new EventbriteAdapter({ config, http, now: () => new Date(clock.now()) })
  onTestFinished(async () => {
    http.close()
    await simulator.close()
  })
  const calls = () => {
    const all = simulator.trace.query().calls
    const latest = all.slice(returned).map(({ method, path }) => `${method} ${path}`)
    returned = all.length
    return latest
  }
  return { simulator, adapter, limiter, logs, calls, advance: (ms) => void (offset += ms) }
}

/** The whole event as a channel, or one ticket class of it. */
export function listingOf(externalEventId: string, externalTicketClassId: string | null = null): Listing {
  return { externalEventId, externalTicketClassId, acknowledgedCap: null }
}

/** The value of an outcome; throws unless it is OK. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'OK') throw new Error(`not OK: ${JSON.stringify(outcome)}`)
  return outcome.value
}

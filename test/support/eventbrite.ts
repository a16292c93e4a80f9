import { onTestFinished } from 'vitest'
import { skewed, systemClock } from '../../simulators/kit/index.js'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulators/eventbrite/server.js'
import { EventbriteAdapter } from '../../src/platforms/eventbrite/index.js'
import { AxiosPlatformHttp, type PlatformHttpParts } from '../../src/platforms/http/axios-platform-http.js'
import type { Listing, Outcome, PlatformAdapter } from '../../src/platforms/port.js'
import type { Permit, RateLimiter, Verdict } from '../../src/platforms/throttle/limiter.js'

export const TOKEN = 'PRIVATETOKEN1'
export const WEBHOOK_TOKEN = '3f9c0example'

/** Grants everything that is not blocked, and remembers what it was told. */
export class RecordingLimiter implements RateLimiter {
  blockedUntil: Date | null = null
  readonly verdicts: Verdict[] = []
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

  async observe(_budget: unknown, verdict: Verdict): Promise<void> {
    this.verdicts.push(verdict)
  }
}

export interface Bench {
  simulator: Simulator
  adapter: PlatformAdapter
  limiter: RecordingLimiter
  /** Everything that was logged, as text. */
  logs: string[]
  /** Moves the simulator's clock forward. */
  advance: (ms: number) => void
  /** The paths that the simulator was asked since the last look. */
  calls: () => string[]
}

interface BenchOptions {
  simulator?: SimulatorOptions
  /** Default: the one that the simulator accepts. */
  token?: string | null
  timeouts?: PlatformHttpParts['timeouts']
}

/** A simulated Eventbrite and the adapter before it, over real HTTP; both end with the test. */
export async function startBench({ simulator: options, token, timeouts }: BenchOptions = {}): Promise<Bench> {
  let offset = 0
  let looked = 0
  const clock = skewed(systemClock, () => offset)
  const simulator = await startSimulator({ tokens: [TOKEN], webhookPace: 0, clock, ...options })
  const limiter = new RecordingLimiter()
  const logs: string[] = []
  const http = new AxiosPlatformHttp({
    platform: 'EVENTBRITE',
    budget: { bucket: 'test', limit: 2_000, windowSeconds: 3_600, reserve: 0.15 },
    limiter,
    clock: { now: () => new Date() },
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
    const fresh = all.slice(looked).map(({ method, path }) => `${method} ${path}`)
    looked = all.length
    return fresh
  }
  return { simulator, adapter, limiter, logs, calls, advance: (ms) => void (offset += ms) }
}

/** The whole event as a channel, or one class of it. */
export function listingOf(externalEventId: string, externalTicketClassId: string | null = null): Listing {
  return { externalEventId, externalTicketClassId, acknowledgedCap: null }
}

/** The value of an outcome that has to be OK. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'OK') throw new Error(`not OK: ${JSON.stringify(outcome)}`)
  return outcome.value
}

import { setTimeout as sleep } from 'node:timers/promises'
import { AxiosPlatformHttp } from '../../../src/platforms/http/axios-platform-http.js'
import { SystemClock, SystemTimers } from '../../../src/infrastructure/time/system-time.js'
import type { LumaConfig } from '../../../src/platforms/luma/config.js'
import { LumaAdapter } from '../../../src/platforms/luma/luma-adapter.js'
import type { CallContext, Failure, Listing, Outcome } from '../../../src/platforms/port.js'
import type { Budget, Permit, RateLimiter } from '../../../src/platforms/throttle/limiter.js'
import type { EventOptions } from '../../../simulators/luma/state/create-event.js'
import type { EventTruth } from '../../../simulators/luma/state/model.js'
import { startSimulator, type LumaSimulator, type SimulatorOptions } from '../../../simulators/luma/server.js'

export const LUMA_KEY = 'luma-test-key'
export const LUMA_SECRET = 'whsec_example_0123456789'
export const CONTEXT: CallContext = { lane: 'protect' }

const BUDGET: Budget = { bucket: 'luma:test', limit: 100_000, windowSeconds: 60, reserve: 0 }

/** Grants every call, except after `block`, or while `waitsMs` lists waits for the next calls. */
export class OpenLimiter implements RateLimiter {
  blockedUntil = 0
  readonly waitsMs: number[] = []
  observed = 0

  async acquire(): Promise<Permit> {
    const waitMs = this.waitsMs.shift() ?? this.blockedUntil - Date.now()
    return waitMs > 0 ? { granted: false, waitMs } : { granted: true, reservation: 'test' }
  }

  async refund(): Promise<void> {}

  async block(_budget: Budget, until: Date): Promise<void> {
    this.blockedUntil = until.getTime()
  }

  async observe(): Promise<void> {
    this.observed += 1
  }
}

export interface LumaHarness {
  simulator: LumaSimulator
  adapter: LumaAdapter
  limiter: OpenLimiter
  /** A new event and its listing: by its first ticket type, or as a whole. */
  createListing(event?: EventOptions, by?: 'TYPE' | 'EVENT'): { truth: EventTruth; listing: Listing }
  /** Sells that many seats, two at a time where it can. */
  sell(eventId: string, seats: number, ticketTypeId?: string): string[]
  close(): Promise<void>
}

/** The adapter on its real HTTP client, against the simulated platform on loopback. */
export async function startLumaHarness(
  options: SimulatorOptions = {},
  config: Partial<LumaConfig> = {},
  { callMs = 5_000 }: { callMs?: number } = {},
): Promise<LumaHarness> {
  const { toggles, ...rest } = options
  const simulator = await startSimulator({
    credentials: [{ key: LUMA_KEY, kind: 'calendar' }],
    webhookSecrets: [LUMA_SECRET],
    limitScale: 100,
    toggles: { invitedPerRegistration: 1, ...toggles },
    ...rest,
  })
  const limiter = new OpenLimiter()
  const http = new AxiosPlatformHttp({
    platform: 'LUMA',
    budget: BUDGET,
    limiter,
    clock: new SystemClock(),
    timers: new SystemTimers(),
    random: Math.random,
    log: () => undefined,
    timeouts: { connectMs: 300, callMs, breakerResetMs: 10 },
  })
  const adapter = new LumaAdapter({
    config: { apiUrl: simulator.url, apiKey: LUMA_KEY, webhookSecrets: [LUMA_SECRET], ...config },
    http,
    now: () => new Date(),
    sleep,
  })
  const sell = (eventId: string, seats: number, ticketTypeId?: string): string[] => {
    const guests: string[] = []
    for (let left = seats; left > 0; left -= 2) {
      const type = ticketTypeId === undefined ? {} : { ticketTypeId }
      const email = `buyer.${eventId}.${guests.length}.${left}@example.com`
      const sold = simulator.control.register({ eventId, ...type, quantity: Math.min(2, left), email })
      if (sold.status !== 'approved' || sold.guestId === null) throw new Error(`not sold: ${sold.status}`)
      guests.push(sold.guestId)
    }
    return guests
  }
  return {
    simulator,
    adapter,
    limiter,
    sell,
    createListing: (event = {}, by = 'TYPE') => {
      const truth = simulator.control.createEvent(event)
      const typeId = by === 'TYPE' ? (truth.ticketTypes[0]?.id ?? null) : null
      return {
        truth,
        listing: { externalEventId: truth.eventId, externalTicketClassId: typeId, acknowledgedCap: null },
      }
    },
    close: async () => {
      http.close()
      await simulator.close()
    },
  }
}

/** The value of an outcome; throws for a failure. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'OK') throw new Error(`expected OK, got ${JSON.stringify(outcome)}`)
  return outcome.value
}

export function failureOf(outcome: Outcome<unknown>): Failure {
  if (outcome.kind === 'OK') throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`)
  return outcome
}

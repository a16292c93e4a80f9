import { setTimeout as sleep } from 'node:timers/promises'
import { SystemClock, SystemTimers } from '../../../src/infrastructure/time/system-time.js'
import { startSimulator, type EventbriteSimulator } from '../../../simulators/eventbrite/server.js'
import { seededRandom } from '../../../simulators/kit/index.js'
import { EventbriteAdapter } from '../../../src/platforms/eventbrite/eventbrite-adapter.js'
import { AxiosPlatformHttp } from '../../../src/platforms/http/axios-platform-http.js'
import type { Listing, PlatformAdapter } from '../../../src/platforms/port.js'
import type { Permit, RateLimiter } from '../../../src/platforms/throttle/limiter.js'

/** A listing that is closed while buyers buy. */
export interface ClosingRush {
  kind: 'whole event' | 'ticket class'
  /** Orders per second. */
  salesPerSecond: number
  /** Maximum number of tickets per order; the minimum is 1. */
  maxPerOrder: number
  /** Range of the latency of a platform call, uniformly distributed, ms. */
  latencyMs: readonly [number, number]
  /** Age of the sold count that the caller starts with, ms. */
  countAgeMs: number
  seed: number
  simulator?: Parameters<typeof startSimulator>[0]
}

export interface ClosingResult {
  /** From the first call to the last sale, ms. */
  effectiveMs: number
  /** From the first call to the confirmation, ms. */
  confirmedMs: number
  /** Tickets sold after the first call. */
  soldAfter: number
  calls: number
  rejected: number
  violations: string[]
}

const UNLIMITED: RateLimiter = {
  acquire: async (): Promise<Permit> => ({ granted: true, reservation: '1' }),
  refund: async () => {},
  block: async () => {},
  observe: async () => {},
}

const CAPACITY = 5_000
/** A closing that is not confirmed within this time has failed, ms. */
const CLOSE_TIMEOUT_MS = 15_000
/** How long buyers keep trying after the confirmation, ms. */
const BUY_AFTER_CLOSE_MS = 300

/** Sells while a caller that retries like the service closes the listing, and for a moment after that. */
export async function closeDuringRush(rush: ClosingRush): Promise<ClosingResult> {
  const simulator = await startSimulator({ tokens: ['GOOD'], webhookPace: 0, seed: rush.seed, ...rush.simulator })
  const http = new AxiosPlatformHttp({
    platform: 'EVENTBRITE',
    budget: { bucket: 'rush', limit: 2_000, windowSeconds: 3_600, reserve: 0.15 },
    limiter: UNLIMITED,
    clock: new SystemClock(),
    timers: new SystemTimers(),
    random: Math.random,
    log: () => {},
  })
  const config = { apiUrl: simulator.url, token: 'GOOD', webhookToken: null }
  const adapter = new EventbriteAdapter({ config, http, now: () => new Date() })
  try {
    return await runRush(simulator, adapter, rush)
  } finally {
    http.close()
    await simulator.close()
  }
}

async function runRush(
  simulator: EventbriteSimulator,
  adapter: PlatformAdapter,
  rush: ClosingRush,
): Promise<ClosingResult> {
  const { control, knobs, trace } = simulator
  const event = control.createEvent({ capacityTotal: CAPACITY, classes: [{ capacity: CAPACITY }] })
  const classId = event.classes[0]?.id ?? ''
  const listing: Listing = {
    externalEventId: event.id,
    externalTicketClassId: rush.kind === 'ticket class' ? classId : null,
    acknowledgedCap: CAPACITY,
  }
  control.buy({ eventId: event.id, quantity: 5 })
  const [minMs, maxMs] = rush.latencyMs
  const random = seededRandom(rush.seed)
  let lastSaleAt = 0
  let selling = true
  const buyers = (async () => {
    while (selling) {
      // Exponential gaps: buyers do not wait for each other.
      await sleep((-Math.log(1 - random.next()) / rush.salesPerSecond) * 1_000)
      const quantity = random.integer(1, rush.maxPerOrder)
      if (selling && control.buy({ eventId: event.id, quantity }).orderId !== null) lastSaleAt = performance.now()
      knobs.patch({ latencyMs: random.integer(minMs, maxMs) })
    }
  })()
  const initialSold = control.truth(event.id).sold
  await sleep(rush.countAgeMs)
  const [started, soldBefore] = [performance.now(), control.truth(event.id).sold]
  const callsBefore = trace.query().calls.length
  let cap = initialSold
  let rejected = 0
  let confirmedAt = 0
  while (confirmedAt === 0 && performance.now() - started < CLOSE_TIMEOUT_MS) {
    const outcome = await adapter.setMode(listing, 'WAITLIST_ONLY', cap, { lane: 'protect' })
    if (outcome.kind === 'OK') {
      if (outcome.value.mode === 'WAITLIST_ONLY') confirmedAt = performance.now()
      else cap = (outcome.value.sold ?? cap) + outcome.value.pending
    } else if (outcome.kind === 'CAP_BELOW_SOLD') {
      cap = Math.max(cap, (outcome.sold ?? 0) + outcome.pending)
    } else {
      rejected += 1
    }
  }
  await sleep(BUY_AFTER_CLOSE_MS)
  selling = false
  await buyers
  const truth = control.truth(event.id)
  return {
    effectiveMs: Math.max(0, Math.round(lastSaleAt - started)),
    confirmedMs: confirmedAt === 0 ? Infinity : Math.round(confirmedAt - started),
    soldAfter: truth.sold - soldBefore,
    calls: trace.query().calls.length - callsBefore,
    rejected,
    violations: truth.violations,
  }
}

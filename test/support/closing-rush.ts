import { setTimeout as sleep } from 'node:timers/promises'
import { startSimulator, type Simulator } from '../../simulators/eventbrite/server.js'
import { seededRandom } from '../../simulators/kit/index.js'
import { EventbriteAdapter } from '../../src/platforms/eventbrite/index.js'
import { AxiosPlatformHttp } from '../../src/platforms/http/axios-platform-http.js'
import type { Listing, PlatformAdapter } from '../../src/platforms/port.js'
import type { Permit, RateLimiter } from '../../src/platforms/throttle/limiter.js'

/** One closing while buyers buy. */
export interface Rush {
  kind: 'whole event' | 'ticket class'
  /** Orders per second. */
  salesPerSecond: number
  /** Tickets per order, 1 to so many. */
  mostPerOrder: number
  /** How long a platform call takes: even over this span, ms. */
  latencyMs: readonly [number, number]
  /** How old the count is that the caller starts with, ms. */
  countAgeMs: number
  seed: number
  simulator?: Parameters<typeof startSimulator>[0]
}

export interface RushResult {
  /** From the first call to the last ticket that was sold, ms. */
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
/** A closing that has not been confirmed by then has failed, ms. */
const GIVE_UP_MS = 15_000
/** Buyers go on trying so long after the confirmation, ms. */
const AFTERWARDS_MS = 300

/** Sells until a caller that retries as the service does has closed the listing, and a little longer. */
export async function closeInRush(rush: Rush): Promise<RushResult> {
  const simulator = await startSimulator({ tokens: ['GOOD'], webhookPace: 0, seed: rush.seed, ...rush.simulator })
  const http = new AxiosPlatformHttp({
    platform: 'EVENTBRITE',
    budget: { bucket: 'rush', limit: 2_000, windowSeconds: 3_600, reserve: 0.15 },
    limiter: UNLIMITED,
    clock: { now: () => new Date() },
    log: () => {},
  })
  const config = { apiUrl: simulator.url, token: 'GOOD', webhookToken: null }
  const adapter = new EventbriteAdapter({ config, http, now: () => new Date() })
  try {
    return await play(simulator, adapter, rush)
  } finally {
    http.close()
    await simulator.close()
  }
}

async function play(simulator: Simulator, adapter: PlatformAdapter, rush: Rush): Promise<RushResult> {
  const { control, knobs, trace } = simulator
  const event = control.createEvent({ capacityTotal: CAPACITY, classes: [{ capacity: CAPACITY }] })
  const classId = event.classes[0]?.id ?? ''
  const listing: Listing = {
    externalEventId: event.id,
    externalTicketClassId: rush.kind === 'ticket class' ? classId : null,
    acknowledgedCap: CAPACITY,
  }
  control.buy({ eventId: event.id, quantity: 5 })
  const [least, most] = rush.latencyMs
  const random = seededRandom(rush.seed)
  let lastSaleAt = 0
  let selling = true
  const buyers = (async () => {
    while (selling) {
      // Exponential gaps: buyers do not wait for each other.
      await sleep((-Math.log(1 - random.next()) / rush.salesPerSecond) * 1_000)
      const quantity = random.integer(1, rush.mostPerOrder)
      if (selling && control.buy({ eventId: event.id, quantity }).orderId !== null) lastSaleAt = performance.now()
      knobs.patch({ latencyMs: random.integer(least, most) })
    }
  })()
  const known = control.truth(event.id).sold
  await sleep(rush.countAgeMs)
  const [started, soldBefore] = [performance.now(), control.truth(event.id).sold]
  const callsBefore = trace.query().calls.length
  let cap = known
  let rejected = 0
  let confirmedAt = 0
  while (confirmedAt === 0 && performance.now() - started < GIVE_UP_MS) {
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
  await sleep(AFTERWARDS_MS)
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

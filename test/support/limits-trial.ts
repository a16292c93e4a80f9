import { setTimeout as sleep } from 'node:timers/promises'
import type { CapEntry, Demand } from '../../simulators/kit/index.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { peakExposure } from './exposure-check.js'
import { modeOf, watch } from './outage.js'
import { startOwnPostgres } from './postgres.js'
import { startRedis } from './redis.js'
import { listed, rush } from './rush.js'
import { startTestSystem, until, type Listings, type TestSystem } from './test-system.js'

/** What is on sale on the platforms beside the safety stock. */
const POOL_SHARE = 0.9
const PLATFORMS = ['EVENTBRITE', 'LUMA', 'MEETUP'] as const

/** The service as it is configured by default, at the limits that the platforms really have. */
export const AS_CONFIGURED = {
  MEETUP_POLL_SECONDS: '10',
  SWEEP_INTERVAL_SECONDS: '300',
  REBALANCE_INTERVAL_SECONDS: '15',
}

export interface LimitsTrial {
  /** Events on sale, each with a listing on every platform. */
  events: number
  /** Tickets of each event. */
  capacity: number
  /** Buyers per second on each listing. */
  buyersPerSecond: number
  /** For how long buyers come before Redis is killed, and after it is back, ms. */
  saleMs: number
  /** What each step may take at most, ms: past it, the trial goes on and the step's figure is Infinity. */
  patienceMs: number
}

export interface LimitsResult {
  /** From the creation of all events until every listing has confirmed its first cap, ms. */
  capsInForceMs: number
  /** From the kill of Redis until every listing is confirmed closed, ms; Infinity: not within the patience. */
  closedMs: number
  /** From the kill until the last ticket was sold before the service reopened, ms. */
  lastSaleMs: number
  /** From the return of Redis until the mode is normal and every channel was seen with all of its sales counted, ms. */
  countedMs: number
  /** The same, and on sale again. */
  recoveredMs: number
  /** Sold of the pool over all events, 0 to 1, when the buyers stop. */
  sellThrough: number
  /** Samples of the exposure checker, and events whose exposure passed what may be sold at some instant. */
  samples: number
  violations: { eventId: string; peak: number }[]
  refused: Record<string, number>
}

/** Many events at once at limit scale 1: first caps, a sale, Redis killed in it, recovery, and the sale to its end. */
export async function runLimitsTrial({ events, capacity, buyersPerSecond, saleMs, patienceMs }: LimitsTrial) {
  const pool = capacity * POOL_SHARE
  const postgres = await startOwnPostgres()
  const redis = await startRedis()
  const system = await startTestSystem({ pace: 1, databaseUrl: postgres.url, redisUrl: redis.url, env: AS_CONFIGURED })
  try {
    await watch(system)
    const began = performance.now()
    const sales = await Promise.all(
      Array.from({ length: events }, async () => {
        // As organizers leave them: Meetup has no limit by default.
        const listings = system.list({ eventbrite: capacity, luma: capacity, meetup: null })
        return { listings, eventId: await system.createEvent(capacity, listings) }
      }),
    )
    const capsInForceMs = await within(patienceMs, began, () => eachInForce(system, sales))
    const inForceAt = Date.now()
    const rates = { eventbrite: buyersPerSecond, luma: buyersPerSecond, meetup: buyersPerSecond }
    const demands = sales.flatMap(({ listings }, index) => rush(system, listings, rates, 1_000 * (index + 1)))
    await sleep(saleMs)

    const killedAt = Date.now()
    const killed = performance.now()
    await redis.kill()
    const closedMs = await within(patienceMs, killed, () => allClosed(system))
    await sleep(3_000)
    const lastSaleMs = lastSaleAfter(system, sales, killedAt)

    const returned = performance.now()
    await redis.restart()
    const [countedMs, recoveredMs] = await Promise.all([
      within(patienceMs, returned, normalEverywhere(system, sales, isCounted)),
      within(patienceMs, returned, normalEverywhere(system, sales, sellsAndCounts)),
    ])
    const sellThrough = await sellOut(system, sales, demands, { pool: pool * events, quietMs: saleMs, patienceMs })

    const peaks = sales.map(({ eventId, listings }) => ({
      eventId,
      ...peakExposure(listed(system, listings), inForceAt),
    }))
    const result: LimitsResult = {
      capsInForceMs,
      closedMs,
      lastSaleMs,
      countedMs,
      recoveredMs,
      sellThrough,
      samples: peaks.reduce((sum, { samples }) => sum + samples, 0),
      violations: peaks.filter(({ peak }) => peak > pool).map(({ eventId, peak }) => ({ eventId, peak })),
      refused: refusedCalls(system),
    }
    return result
  } finally {
    await system.close()
    await redis.stop()
    await postgres.stop()
  }
}

type Sale = { listings: Listings; eventId: string }

/** ms since `began` when `check` first held; Infinity where it did not in time. */
async function within(patienceMs: number, began: number, check: () => Promise<void>): Promise<number> {
  try {
    await until(check, patienceMs)
    return Math.round(performance.now() - began)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return Infinity
  }
}

async function eachInForce(system: TestSystem, sales: readonly Sale[]): Promise<void> {
  for (const { eventId, listings } of sales) {
    const { channels } = await system.stock(eventId)
    const { exposure } = system.truth(listings)
    for (const platform of PLATFORMS) {
      const channel = channels.find((one) => one.platform === platform)
      const inForce = channel?.mode === 'OPEN' && channel.confirmedCap === channel.desiredCap
      if (!inForce || exposure[platform] !== channel.confirmedCap) {
        throw new Error(`${eventId} ${platform}: ${JSON.stringify(channel)}, in truth ${exposure[platform]}`)
      }
    }
  }
}

/**
 * Every closing is confirmed. A raise that was under way when Redis went may count as able to land for a minute more,
 * so that the mode's own count waits longer; what was really sold after the kill is `lastSaleMs`.
 */
async function allClosed(system: TestSystem): Promise<void> {
  const { mode } = await modeOf(system)
  const { channel } = system.app.app.get(PrismaService)
  const left = await channel.count({ where: { detachedAt: null, confirmedMode: { not: 'WAITLIST_ONLY' } } })
  if (mode !== 'FAIL_SAFE' || left > 0) throw new Error(`not closed: ${mode}, ${left} channels are left`)
}

interface Seen {
  /** The event is on sale, and the channel has not sold all that is wanted there. */
  sells: boolean
  open: boolean
  /** Every ticket that was sold there until then is counted. */
  counted: boolean
}

const isCounted = ({ counted }: Seen) => counted
const sellsAndCounts = ({ sells, open, counted }: Seen) => counted && (open || !sells)

/**
 * A check that holds once the mode is normal and every channel was seen, at some instant of it, as it should be. Sales
 * go on, so that no instant need find all of them so.
 */
function normalEverywhere(system: TestSystem, sales: readonly Sale[], asItShould: (seen: Seen) => boolean) {
  const waiting = new Map(sales.flatMap(({ eventId }) => PLATFORMS.map((platform) => [`${eventId} ${platform}`, ''])))
  return async () => {
    const { mode } = await modeOf(system)
    if (mode !== 'NORMAL') throw new Error(`the mode is ${mode}`)
    for (const { eventId, listings } of sales) {
      // Read before our own count: what is sold in between makes ours larger, never smaller.
      const { sold } = system.truth(listings)
      const { state, channels } = await system.stock(eventId)
      for (const platform of PLATFORMS) {
        const channel = channels.find((one) => one.platform === platform)
        const ours = channel?.sold ?? -1
        const seen = {
          sells: state === 'ON_SALE' && ours < (channel?.desiredCap ?? Infinity),
          open: channel?.mode === 'OPEN',
          counted: ours >= sold[platform],
        }
        if (asItShould(seen)) waiting.delete(`${eventId} ${platform}`)
        else if (waiting.has(`${eventId} ${platform}`)) {
          waiting.set(`${eventId} ${platform}`, `${channel?.mode}, ${ours} counted of ${sold[platform]}`)
        }
      }
    }
    if (waiting.size > 0) throw new Error(`not as they should be: ${JSON.stringify(Object.fromEntries(waiting))}`)
  }
}

/** Buyers go on coming until nothing more is sold for a while. Answers the share of the pool that was sold. */
async function sellOut(
  system: TestSystem,
  sales: readonly Sale[],
  demands: readonly Demand[],
  { pool, quietMs, patienceMs }: { pool: number; quietMs: number; patienceMs: number },
): Promise<number> {
  const soldOf = () =>
    sales.reduce((sum, { listings }) => {
      const { sold } = system.truth(listings)
      return sum + sold.EVENTBRITE + sold.LUMA + sold.MEETUP
    }, 0)
  const end = Date.now() + patienceMs
  let last = { sold: -1, at: Date.now() }
  while (Date.now() < end && Date.now() - last.at < quietMs && last.sold < pool) {
    const sold = soldOf()
    if (sold !== last.sold) last = { sold, at: Date.now() }
    await sleep(500)
  }
  await Promise.all(demands.map((demand) => demand.stop()))
  return soldOf() / pool
}

function lastSaleAfter(system: TestSystem, sales: readonly Sale[], since: number): number {
  const sold = sales.flatMap(({ listings }) =>
    listed(system, listings).flatMap(({ trace, eventId }) => salesIn(trace.query({ eventId }).caps)),
  )
  return Math.max(0, ...sold.filter((at) => at >= since).map((at) => at - since))
}

/** The instants at which more was sold than before. */
function salesIn(entries: readonly CapEntry[]): number[] {
  return entries.flatMap((entry, index) => (entry.sold > (entries[index - 1]?.sold ?? 0) ? [entry.at] : []))
}

function refusedCalls({ eventbrite, luma, meetup }: TestSystem): Record<string, number> {
  const traces = { eventbrite: eventbrite.trace, luma: luma.trace, meetup: meetup.control.trace }
  return Object.fromEntries(
    Object.entries(traces).map(([name, trace]) => {
      const refused = trace.query().calls.filter(({ status }) => status === 429)
      return [name, refused.length]
    }),
  )
}

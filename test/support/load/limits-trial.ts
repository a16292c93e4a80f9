import { setTimeout as sleep } from 'node:timers/promises'
import type { CapEntry, Demand } from '../../../simulators/kit/index.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { peakExposure } from './exposure-check.js'
import { modeOf, startFailSafe } from '../service/outage.js'
import { startDedicatedPostgres } from '../servers/postgres.js'
import { startRedis } from '../servers/redis.js'
import { listingTraces, rush } from './rush.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../service/test-system.js'

/** Share of the capacity on sale on the platforms: all but the safety stock. */
const POOL_SHARE = 0.9
const PLATFORMS = ['EVENTBRITE', 'LUMA', 'MEETUP'] as const

/** The default configuration of the service, at the real rate limits of the platforms. */
export const DEFAULT_INTERVALS = {
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
  /** Duration of the sale before Redis is killed; after recovery, time without a sale that ends the trial, ms. */
  saleMs: number
  /** Timeout of each step, ms: the trial then continues and the step's figure is Infinity. */
  maxWaitMs: number
}

export interface LimitsResult {
  /** From the creation of all events until every listing has confirmed its first cap, ms. */
  capsInForceMs: number
  /** From the kill of Redis until every listing is confirmed closed, ms; Infinity: not within `maxWaitMs`. */
  closedMs: number
  /** From the kill until the last ticket was sold before the service reopened, ms. */
  lastSaleMs: number
  /** From the restart of Redis until the mode is normal and every channel had all of its sales counted at some instant, ms. */
  countedMs: number
  /** The same until every channel was on sale again: while it sells, its count follows some time later. */
  recoveredMs: number
  /** The channel that took longest for that, and what it was like before. */
  slowest: string
  /** Sold of the pool over all events, 0 to 1, when the buyers stop. */
  sellThrough: number
  /** Samples of the exposure checker, and events whose exposure exceeded the pool at some instant. */
  samples: number
  violations: { eventId: string; peak: number }[]
  refused: Record<string, number>
}

/** Sells many events at the real limits: first caps, a sale, Redis killed during the sale, recovery, and the rest of the sale. */
export async function runLimitsTrial({ events, capacity, buyersPerSecond, saleMs, maxWaitMs }: LimitsTrial) {
  const pool = capacity * POOL_SHARE
  const postgres = await startDedicatedPostgres()
  const redis = await startRedis()
  const system = await startTestSystem({
    pace: 1,
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    env: DEFAULT_INTERVALS,
  })
  try {
    await startFailSafe(system)
    const startedAt = performance.now()
    const sales = await Promise.all(
      Array.from({ length: events }, async () => {
        // The default of organizers: Meetup has no limit.
        const listings = system.list({ eventbrite: capacity, luma: capacity, meetup: null })
        return { listings, eventId: await system.createEvent(capacity, listings) }
      }),
    )
    const capsInForceMs = await within(maxWaitMs, startedAt, () => eachInForce(system, sales))
    const inForceAt = Date.now()
    const rates = { eventbrite: buyersPerSecond, luma: buyersPerSecond, meetup: buyersPerSecond }
    const demands = sales.flatMap(({ listings }, index) => rush(system, listings, rates, 1_000 * (index + 1)))
    await sleep(saleMs)

    const killedAt = Date.now()
    const killed = performance.now()
    await redis.kill()
    const closedMs = await within(maxWaitMs, killed, () => allClosed(system))
    await sleep(3_000)
    const lastSaleMs = lastSaleAfter(system, sales, killedAt)

    const returned = performance.now()
    await redis.restart()
    let slowest = ''
    const [countedMs, recoveredMs] = await Promise.all([
      within(maxWaitMs, returned, normalEverywhere(system, sales, isCounted)),
      within(
        maxWaitMs,
        returned,
        normalEverywhere(system, sales, isOnSale, (channel) => (slowest = channel)),
      ),
    ])
    const sellThrough = await sellOut(system, sales, demands, { pool: pool * events, quietMs: saleMs, maxWaitMs })

    const peaks = sales.map(({ eventId, listings }) => ({
      eventId,
      ...peakExposure(listingTraces(system, listings), inForceAt),
    }))
    const result: LimitsResult = {
      capsInForceMs,
      closedMs,
      lastSaleMs,
      countedMs,
      recoveredMs,
      slowest,
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

/** ms from `startedAt` until `check` passes; Infinity after the timeout. */
async function within(maxWaitMs: number, startedAt: number, check: () => Promise<void>): Promise<number> {
  try {
    await until(check, maxWaitMs)
    return Math.round(performance.now() - startedAt)
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
        throw new Error(`${eventId} ${platform}: ${JSON.stringify(channel)}, at the platform ${exposure[platform]}`)
      }
    }
  }
}

/**
 * Every closing is confirmed. A raise in flight when Redis was killed may still take effect for another minute,
 * so the mode's own count waits longer; `lastSaleMs` is the last actual sale after the kill.
 */
async function allClosed(system: TestSystem): Promise<void> {
  const { mode } = await modeOf(system)
  const { channel } = system.app.app.get(PrismaService)
  const left = await channel.count({ where: { detachedAt: null, confirmedMode: { not: 'WAITLIST_ONLY' } } })
  if (mode !== 'FAIL_SAFE' || left > 0) throw new Error(`not closed: ${mode}, ${left} channels are open`)
}

interface ChannelProgress {
  /** The event is on sale, and the channel has not sold out its desired cap. */
  sells: boolean
  open: boolean
  /** Every ticket sold there so far is counted. */
  counted: boolean
}

const isCounted = ({ counted }: ChannelProgress) => counted
const isOnSale = ({ sells, open }: ChannelProgress) => open || !sells

/**
 * A check that passes once the mode is normal and each channel has met `condition` at some instant. Because sales
 * continue, the channels need not meet it at the same instant.
 */
function normalEverywhere(
  system: TestSystem,
  sales: readonly Sale[],
  condition: (progress: ChannelProgress) => boolean,
  onMet: (channel: string) => void = () => undefined,
) {
  const waiting = new Map(sales.flatMap(({ eventId }) => PLATFORMS.map((platform) => [`${eventId} ${platform}`, ''])))
  return async () => {
    const { mode } = await modeOf(system)
    if (mode !== 'NORMAL') throw new Error(`the mode is ${mode}`)
    for (const { eventId, listings } of sales) {
      // Read before the ledger: sales in between make the ledger's count larger, never smaller.
      const { sold } = system.truth(listings)
      const { state, channels } = await system.stock(eventId)
      for (const platform of PLATFORMS) {
        const channel = channels.find((one) => one.platform === platform)
        const recorded = channel?.sold ?? -1
        const progress = {
          sells: state === 'ON_SALE' && recorded < (channel?.desiredCap ?? Infinity),
          open: channel?.mode === 'OPEN',
          counted: recorded >= sold[platform],
        }
        const name = `${eventId} ${platform}`
        const before = waiting.get(name)
        if (before === undefined) continue
        if (!condition(progress)) waiting.set(name, `${channel?.mode}, ${recorded} counted of ${sold[platform]}`)
        else if (waiting.delete(name)) onMet(`${platform}, before: ${before || 'not read'}`)
      }
    }
    if (waiting.size > 0) throw new Error(`not recovered: ${JSON.stringify(Object.fromEntries(waiting))}`)
  }
}

/** Buyers continue until nothing is sold for a while. Returns the sold share of the pool. */
async function sellOut(
  system: TestSystem,
  sales: readonly Sale[],
  demands: readonly Demand[],
  { pool, quietMs, maxWaitMs }: { pool: number; quietMs: number; maxWaitMs: number },
): Promise<number> {
  const soldOf = () =>
    sales.reduce((sum, { listings }) => {
      const { sold } = system.truth(listings)
      return sum + sold.EVENTBRITE + sold.LUMA + sold.MEETUP
    }, 0)
  const end = Date.now() + maxWaitMs
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
    listingTraces(system, listings).flatMap(({ trace, eventId }) => salesIn(trace.query({ eventId }).caps)),
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

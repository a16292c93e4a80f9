import { API_PLATFORMS, type ApiPlatform } from '../../../src/domain/channel.js'
import { seededRandom, type Random } from '../../../simulators/kit/index.js'
import { FAMILIES, arrivals, type Family, type Shares } from './families.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const PARTY_SIZES = [1, 1, 1, 1, 2, 2, 2, 3, 4] as const
/** Tickets per order. */
export const MEAN_PARTY = PARTY_SIZES.reduce<number>((sum, size) => sum + size, 0) / PARTY_SIZES.length
/** Of the buyers who are refused, how many try one other platform, once. */
const COMES_BACK = 0.3
/** Share of Eventbrite's buyers who pay from a cart, and of those who leave it. */
const CART = 0.5
const LEAVES_CART = 0.15
/** How long tickets were sold before the listing is attached. */
const EARLIER_MS = 14 * DAY_MS

/** One party. Everything it will do is decided beforehand, so that every policy meets the same people. */
export interface Buyer {
  /** ms since the opening. */
  at: number
  platform: ApiPlatform
  size: number
  /** Where it tries again after a refusal, and ms later; null: it leaves. */
  second: { platform: ApiPlatform; afterMs: number } | null
  /** ms between the order and its cancellation; null: it comes. */
  cancelsAfterMs: number | null
  /** On Eventbrite, an open cart between choosing and buying; null: buys at once. */
  cart: { ms: number; buys: boolean } | null
  /** 0 to 1: it follows a link to another platform with a probability above this. */
  reluctance: number
}

/** Orders of one listing before it is attached; `beforeMs`: before the opening. */
export interface EarlierSales {
  platform: ApiPlatform
  orders: { beforeMs: number; size: number }[]
}

export interface Trace {
  family: Family
  seed: number
  /** Tickets to sell over all platforms. */
  pool: number
  /** Duration of the sale, ms. */
  duration: number
  shares: Shares
  buyers: Buyer[]
  earlier: EarlierSales | null
  /** The service is killed then, ms since the opening, and starts again after some time. */
  restart: { at: number; downMs: number } | null
  /** Of one ticket, before fees, US dollars. */
  price: number
}

/** The same arguments always give the same trace. `pool`: another number of tickets and buyers in the same pattern. */
export function traceOf(family: Family, seed: number, pool?: number): Trace {
  const random = seededRandom(seed * 64 + FAMILIES.indexOf(family))
  const drawn = Math.round(logUniform(random, 50, 1_000))
  const tickets = pool ?? drawn
  const duration = Math.round(logUniform(random, 20, 120) * MINUTE_MS)
  const cancelling = family === 'cancellations' ? 0.1 + 0.2 * random.next() : 0.02
  const demand = (tickets * (0.8 + 0.8 * random.next())) / (1 - cancelling)
  const price = random.pick([10, 15, 20, 25, 40, 60])
  const restart = { at: Math.round(duration * (0.2 + 0.6 * random.next())), downMs: logUniform(random, 5_000, 60_000) }
  const { moments, shares } = arrivals(family, random, { buyers: Math.round(demand / MEAN_PARTY), duration })
  return {
    family,
    seed,
    pool: tickets,
    duration,
    shares,
    price,
    buyers: moments.map(({ at, platform }) => buyerOf(random, { at, platform, cancelling, duration })),
    earlier: family === 'import' ? earlierSales(random, tickets) : null,
    restart: family === 'restart' ? restart : null,
  }
}

function earlierSales(random: Random, pool: number): EarlierSales {
  const platform = random.pick(API_PLATFORMS)
  const count = Math.max(1, Math.round((pool * (0.1 + 0.3 * random.next())) / MEAN_PARTY))
  const orders = Array.from({ length: count }, () => {
    const beforeMs = Math.round(random.next() * EARLIER_MS)
    return { beforeMs, size: random.pick(PARTY_SIZES) }
  })
  return { platform, orders: orders.toSorted((a, b) => b.beforeMs - a.beforeMs) }
}

function buyerOf(
  random: Random,
  { at, platform, cancelling, duration }: { at: number; platform: ApiPlatform; cancelling: number; duration: number },
): Buyer {
  const size = random.pick(PARTY_SIZES)
  const elsewhere = random.pick(API_PLATFORMS.filter((other) => other !== platform))
  const second = { platform: elsewhere, afterMs: logUniform(random, 10_000, 10 * MINUTE_MS) }
  const comesBack = random.chance(COMES_BACK)
  const cancelsAfterMs = Math.round(random.next() * (duration - at))
  const cancels = random.chance(cancelling)
  const cart = { ms: logUniform(random, 5_000, 7 * MINUTE_MS), buys: !random.chance(LEAVES_CART) }
  const hasCart = random.chance(CART)
  return {
    at,
    platform,
    size,
    second: comesBack ? second : null,
    cancelsAfterMs: cancels ? cancelsAfterMs : null,
    cart: hasCart ? cart : null,
    reluctance: random.next(),
  }
}

function logUniform(random: Random, low: number, high: number): number {
  return Math.round(low * (high / low) ** random.next())
}

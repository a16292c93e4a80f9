import { PLATFORMS, type Platform } from '../../../src/domain/channel.js'
import { seededRandom, type Random } from '../../../simulators/kit/random.js'
import { FAMILIES, arrivals, type Family } from './families.js'

const HOUR = 3_600_000
const MINUTE = 60_000
const PARTY_SIZES = [1, 1, 1, 1, 2, 2, 2, 3, 4] as const
const MEAN_PARTY = PARTY_SIZES.reduce<number>((sum, size) => sum + size, 0) / PARTY_SIZES.length
/** Of the buyers who meet a closed door, how many try one other platform, once. */
const COMES_BACK = 0.3
/** Share of Eventbrite's buyers who pay from a cart, and of those who leave it. */
const CART = 0.5
const LEAVES_CART = 0.15

/** One party. Everything it will do is decided beforehand, so that every policy meets the same people. */
export interface Buyer {
  /** ms since the opening. */
  at: number
  platform: Platform
  size: number
  /** Where it tries again after a refusal, and ms later; null: it leaves. */
  second: { platform: Platform; afterMs: number } | null
  /** ms between the order and its cancellation; null: it comes. */
  cancelsAfterMs: number | null
  /** An open cart between choosing and buying; null: buys at once. */
  cart: { ms: number; buys: boolean } | null
}

export interface Trace {
  family: Family
  seed: number
  /** Tickets to sell over all platforms. */
  pool: number
  /** Duration of the sale, ms; the event starts then. */
  duration: number
  /** The expected part of each platform in the demand. */
  shares: Record<Platform, number>
  buyers: Buyer[]
}

/** The same family and seed always give the same trace. */
export function traceOf(family: Family, seed: number): Trace {
  const random = seededRandom(seed * FAMILIES.length + FAMILIES.indexOf(family) + 1)
  const pool = Math.round(logUniform(random, 50, 1_000))
  const duration = logUniform(random, 2, 168) * HOUR
  const cancelling = family === 'cancellations' ? 0.1 + 0.2 * random.next() : 0.02
  const tickets = (pool * (0.8 + 0.8 * random.next())) / (1 - cancelling)
  const { moments, shares } = arrivals(family, random, { buyers: Math.round(tickets / MEAN_PARTY), duration })
  const buyers = moments.map(({ at, platform }) => buyerOf(random, { at, platform, cancelling, duration }))
  return { family, seed, pool, duration, shares, buyers }
}

function buyerOf(
  random: Random,
  { at, platform, cancelling, duration }: { at: number; platform: Platform; cancelling: number; duration: number },
): Buyer {
  const size = random.pick(PARTY_SIZES)
  const elsewhere = random.pick(PLATFORMS.filter((other) => other !== platform))
  const second = { platform: elsewhere, afterMs: logUniform(random, 10_000, 10 * MINUTE) }
  const comesBack = random.chance(COMES_BACK)
  const cancelsAfterMs = random.next() * (duration - at)
  const cancels = random.chance(cancelling)
  const cart = { ms: logUniform(random, 5_000, 8 * MINUTE), buys: !random.chance(LEAVES_CART) }
  const hasCart = random.chance(CART) && platform === 'EVENTBRITE'
  return {
    at,
    platform,
    size,
    second: comesBack ? second : null,
    cancelsAfterMs: cancels ? cancelsAfterMs : null,
    cart: hasCart ? cart : null,
  }
}

export function logUniform(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.next()
}

import { API_PLATFORMS, type ApiPlatform } from '../../../src/domain/channel.js'
import type { Random } from '../../../simulators/kit/index.js'

export const FAMILIES = [
  'steady',
  'opening-burst',
  'one-takes-all',
  'jumping',
  'late-surge',
  'cancellations',
  'cold-start',
  'restart',
  'import',
  'fees',
] as const
export type Family = (typeof FAMILIES)[number]

export type Shares = Record<ApiPlatform, number>

/** A stretch of the sale with its part of the demand, and how that splits over the platforms. */
interface Phase {
  weight: number
  shares: Shares
  /** Draws a moment within the phase, ms since the opening. */
  moment: (random: Random) => number
}

export interface Arrivals {
  /** By time, ms since the opening. */
  moments: { at: number; platform: ApiPlatform }[]
  /** The expected part of each platform in the demand. */
  shares: Shares
}

/** Time and platform of each buyer. */
export function arrivals(
  family: Family,
  random: Random,
  { buyers, duration }: { buyers: number; duration: number },
): Arrivals {
  const phases = PHASES[family](random, duration)
  const total = phases.reduce((sum, { weight }) => sum + weight, 0)
  const moments = Array.from({ length: buyers }, () => {
    const phase = pickBy(random, phases, ({ weight }) => weight)
    const platform = pickBy(random, API_PLATFORMS, (name) => phase.shares[name])
    return { at: Math.round(Math.min(phase.moment(random), duration)), platform }
  })
  const expected = (platform: ApiPlatform) =>
    phases.reduce((sum, { weight, shares }) => sum + (weight / total) * shares[platform], 0)
  return { moments: moments.toSorted((a, b) => a.at - b.at), shares: sharesOf(expected) }
}

type Phases = (random: Random, duration: number) => Phase[]

const STEADY: Phases = (random, duration) => [evenly(1, anyShares(random), 0, duration)]

const PHASES: Record<Family, Phases> = {
  steady: STEADY,
  cancellations: STEADY,
  restart: STEADY,
  import: STEADY,
  fees: STEADY,
  'opening-burst': (random, duration) => [...rush(random, duration, anyShares(random))],
  // The platform that is polled, so that its sales are seen last.
  'cold-start': (random, duration) => [...rush(random, duration, mostly('MEETUP', 0.8 + 0.15 * random.next()))],
  'one-takes-all': (random, duration) => {
    const winner = random.pick(API_PLATFORMS)
    return [evenly(1, mostly(winner, 0.9 + 0.1 * random.next()), 0, duration)]
  },
  jumping: (random, duration) => {
    const count = random.integer(3, 6)
    const order = random.shuffle(API_PLATFORMS)
    return Array.from({ length: count }, (_, index) => {
      const shares = mostly(order[index % order.length] ?? 'LUMA', 0.8 + 0.15 * random.next())
      return evenly(0.5 + random.next(), shares, (index * duration) / count, ((index + 1) * duration) / count)
    })
  },
  'late-surge': (random, duration) => {
    const surge = 0.4 + 0.3 * random.next()
    const begin = duration * (0.85 + 0.1 * random.next())
    return [evenly(1 - surge, anyShares(random), 0, duration), evenly(surge, anyShares(random), begin, duration)]
  },
}

/** Most buyers come in the first minutes, the others later and elsewhere. */
function rush(random: Random, duration: number, shares: Shares): Phase[] {
  const mean = (2 + 8 * random.next()) * 60_000
  const burst = 0.5 + 0.3 * random.next()
  const moment = (draw: Random) => -Math.log(1 - draw.next()) * mean
  return [{ weight: burst, shares, moment }, evenly(1 - burst, anyShares(random), 0, duration)]
}

function evenly(weight: number, shares: Shares, from: number, to: number): Phase {
  return { weight, shares, moment: (random) => from + random.next() * (to - from) }
}

export function sharesOf(share: (platform: ApiPlatform) => number): Shares {
  return { MEETUP: share('MEETUP'), EVENTBRITE: share('EVENTBRITE'), LUMA: share('LUMA') }
}

export function total(shares: Shares): number {
  return API_PLATFORMS.reduce((sum, platform) => sum + shares[platform], 0)
}

/** Uniform over all ways to split the demand in three. */
function anyShares(random: Random): Shares {
  const parts = sharesOf(() => -Math.log(1 - random.next()))
  const sum = total(parts)
  return sharesOf((platform) => parts[platform] / sum)
}

function mostly(winner: ApiPlatform, share: number): Shares {
  return sharesOf((platform) => (platform === winner ? share : (1 - share) / 2))
}

function pickBy<T>(random: Random, items: readonly T[], weight: (item: T) => number): T {
  let rest = random.next() * items.reduce((sum, item) => sum + weight(item), 0)
  for (const item of items) {
    rest -= weight(item)
    if (rest < 0) return item
  }
  return items.at(-1) as T
}

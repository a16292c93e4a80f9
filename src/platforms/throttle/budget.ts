import type { Lane } from '../../domain/channel.js'
import type { Budget, Turn, Verdict } from './limiter.js'
import { rankOf } from './waiting-line.js'

/** Part of a limit that is used: the rest covers the spread of network delays around a window's edge. */
const USABLE = 0.9
/** The largest call may need more than a third of a small limit at once; the rest keeps a rate above 0. */
const MAX_BURST = 0.9
/** `grow` gets at least this share of the rate, however much `protect` wants. */
const GROW_FLOOR = 0.05
/**
 * `bulk` holds back while more than a third of the burst is charged, so that the others find most of it, and that takes
 * longer than this to leak out. At 2,000 calls an hour less would make an idle service wait for minutes.
 */
const BULK_YIELDS_AFTER_MS = 5_000
const BULK_YIELDS_ABOVE = 1 / 3

/** A leaky bucket that keeps a budget: `burst + window × rate` is the most that goes out in any window. */
export interface Bucket {
  burst: number
  /** Units per ms. */
  rate: number
  reserve: number
  /** A longer block is not believed, ms. */
  longestBlockMs: number
}

/** How one request may fill the bucket. */
export interface LaneRule {
  /** The level it may fill up to. */
  ceiling: number
  /** The charged level above which it does not start; null: none. */
  startBelow: number | null
  /** It may fill up to the burst once this long has passed since the last grant under such a rule; null: never. */
  floorMs: number | null
  /** Its place among those who wait; see `rankOf`. */
  rank: number
}

/** @throws RangeError for a budget that no bucket can keep. */
export function bucketOf({ limit, windowSeconds, reserve, burst, largestCall = 0 }: Budget): Bucket {
  if (!(limit >= 2) || !(windowSeconds > 0)) throw new RangeError('a budget needs a limit of 2 or more and a window')
  if (!(reserve >= 0 && reserve < 1)) throw new RangeError('a reserve is a share from 0 to below 1')
  const usable = limit * USABLE
  const third = Math.min(usable / 3, burst ?? Math.max(usable / 10, 15))
  const size = Math.max(1, third, Math.min(largestCall, usable * MAX_BURST))
  const windowMs = windowSeconds * 1_000
  return { burst: size, rate: (usable - size) / windowMs, reserve, longestBlockMs: Math.max(2 * windowMs, 120_000) }
}

/**
 * `protect` may use everything, cap writes and what has begun stop at the reserve, other reads at twice that (halfway to the end where
 * the reserve is large); a weight above theirs waits for an empty bucket.
 * `turn.continues`: a step of an operation that has begun.
 */
export function laneRule(
  { burst, rate, reserve }: Bucket,
  weight: number,
  lane: Lane,
  turn: Omit<Turn, 'waiter'> = {},
): LaneRule {
  if (!(weight > 0)) throw new RangeError('a call weighs more than 0')
  if (weight > burst) throw new RangeError(`a call of weight ${weight} is above the burst of ${burst}`)
  const rank = rankOf(lane, turn)
  if (lane === 'protect') return { ceiling: burst, startBelow: null, floorMs: null, rank }
  // What only reads leaves as much again for caps, so that they are written soon after closings used the reserve.
  const kept = turn.forWrite || turn.continues ? reserve : Math.min(2 * reserve, (1 + reserve) / 2)
  const ceiling = Math.max(burst * (1 - kept), weight)
  // What bulk has begun goes on as the line allows: what was paid for it would be lost.
  if (lane === 'bulk' && turn.continues) return { ceiling, startBelow: null, floorMs: null, rank }
  if (lane === 'bulk') {
    const startBelow = Math.max(BULK_YIELDS_AFTER_MS * rate, BULK_YIELDS_ABOVE * burst)
    return { ceiling, startBelow, floorMs: null, rank }
  }
  return { ceiling, startBelow: null, floorMs: weight / (GROW_FLOOR * rate), rank }
}

/** The level at which no more can go out before the platform's reset than the platform says is left. */
export function verdictLevel({ burst, rate }: Bucket, { used, limit, resetInMs }: Verdict): number {
  return burst + rate * Math.max(0, resetInMs) - Math.max(0, USABLE * limit - used)
}

/** The same budget for one of several spenders who cannot see each other. */
export function shareOf(budget: Budget, share: number): Budget {
  const { burst } = bucketOf(budget)
  return { ...budget, limit: Math.max(2, budget.limit * share), burst: burst * share }
}

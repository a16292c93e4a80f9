import type { Lane } from '../../domain/channel.js'
import type { Budget, Turn, RateLimitStatus } from './limiter.js'
import { queueRank } from './wait-queue.js'

/** Share of a limit that is spent; the rest covers varying network delays at the edges of a window. */
const USABLE_SHARE = 0.9
/** Maximum burst as a share of the usable limit, for a large call under a small limit; keeps the rate above 0. */
const MAX_BURST_SHARE = 0.9
/** Minimum share of the rate for `grow`, regardless of the demand of `protect`; and for `bulk`, regardless of `grow`. */
const FLOOR_SHARE = 0.05
/**
 * `bulk` does not start while more than a third of the burst is charged, if that takes longer than this to leak out; so
 * most of the burst stays available to the other lanes. At 2,000 calls an hour, a smaller share would make an idle
 * service wait for minutes.
 */
const BULK_YIELDS_AFTER_MS = 5_000
const BULK_YIELDS_ABOVE_SHARE = 1 / 3

/** Leaky bucket for a budget: at most `burst + window × rate` units are spent in any window. */
export interface Bucket {
  burst: number
  /** Units per ms. */
  rate: number
  reserve: number
  /** A longer block is shortened to this, ms. */
  maxBlockMs: number
}

/** How far one request may fill the bucket, and its priority. */
export interface LaneRule {
  /** The level it may fill up to. */
  ceiling: number
  /** The charged level above which it does not start; null: none. */
  startBelow: number | null
  /**
   * Time since the last grant to the lane from which on its first call has priority, ms; null: never. One of `grow` may
   * fill up to the burst; one of `bulk` is served before `grow` up to its ceiling, whatever is charged below that.
   */
  floorMs: number | null
  /** Priority in the wait queue; see `queueRank`. */
  rank: number
}

/** @throws RangeError for a budget that no bucket can enforce */
export function bucketOf({ limit, windowSeconds, reserve, burst, largestCall = 0 }: Budget): Bucket {
  if (!(limit >= 2) || !(windowSeconds > 0)) throw new RangeError('a budget needs a limit of 2 or more and a window')
  if (!(reserve >= 0 && reserve < 1)) throw new RangeError('a reserve is a share from 0 to below 1')
  const usable = limit * USABLE_SHARE
  const requested = Math.min(usable / 3, burst ?? Math.max(usable / 10, 15))
  const size = Math.max(1, requested, Math.min(largestCall, usable * MAX_BURST_SHARE))
  const windowMs = windowSeconds * 1_000
  return { burst: size, rate: (usable - size) / windowMs, reserve, maxBlockMs: Math.max(2 * windowMs, 120_000) }
}

/**
 * `protect` may use everything; cap writes and operations in progress stop at the reserve; other reads at twice the
 * reserve (halfway to the full burst where the reserve is large). A call heavier than that waits for an empty bucket.
 */
export function laneRule(
  { burst, rate, reserve }: Bucket,
  weight: number,
  lane: Lane,
  turn: Omit<Turn, 'waiter'> = {},
): LaneRule {
  if (!(weight > 0)) throw new RangeError('a call weighs more than 0')
  if (weight > burst) throw new RangeError(`a call of weight ${weight} is above the burst of ${burst}`)
  const rank = queueRank(lane, turn)
  if (lane === 'protect') return { ceiling: burst, startBelow: null, floorMs: null, rank }
  // Reads leave an equal share for cap writes, which can then be sent soon after closings used the reserve.
  const reserved = turn.forWrite || turn.continues ? reserve : Math.min(2 * reserve, (1 + reserve) / 2)
  const ceiling = Math.max(burst * (1 - reserved), weight)
  // A bulk operation in progress does not yield: the calls already made would be wasted.
  const yields = lane === 'bulk' && turn.continues !== true
  const startBelow = yields ? Math.max(BULK_YIELDS_AFTER_MS * rate, BULK_YIELDS_ABOVE_SHARE * burst) : null
  return { ceiling, startBelow, floorMs: weight / (FLOOR_SHARE * rate), rank }
}

/** The level from which no more can be spent until the platform's reset than the platform reports as remaining. */
export function reportedLevel({ burst, rate }: Bucket, { used, limit, resetInMs }: RateLimitStatus): number {
  return burst + rate * Math.max(0, resetInMs) - Math.max(0, USABLE_SHARE * limit - used)
}

/** The part of a budget for one of several processes that do not know what the others spend. */
export function shareOf(budget: Budget, share: number): Budget {
  const { burst } = bucketOf(budget)
  return { ...budget, limit: Math.max(2, budget.limit * share), burst: burst * share }
}

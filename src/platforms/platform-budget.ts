import type { Platform } from '../domain/channel.js'
import type { RateLimit } from '../infrastructure/config/env-parsers.js'
import { MEETUP_WEIGHTS } from './meetup/operations.js'
import { bucketOf } from './throttle/budget.js'
import type { Budget } from './throttle/limiter.js'

/** Minimum share of a platform's burst that only `protect` may use. */
const MIN_RESERVE: Record<Platform, number> = { EVENTBRITE: 0.09, LUMA: 0.2, MEETUP: 0.2 }
/** Units that closing one listing costs while it sells. */
const CLOSE_COST: Record<Platform, number> = { EVENTBRITE: 5, LUMA: 2, MEETUP: MEETUP_WEIGHTS.mutation }
/** All listings of a platform should be closed within this time, ms. */
const CLOSE_ALL_WITHIN_MS = 30_000
const MAX_RESERVE = 0.7
/** Weight of the call that raises a cap. */
export const CAP_WRITE_WEIGHT: Record<Platform, number> = { EVENTBRITE: 1, LUMA: 1, MEETUP: MEETUP_WEIGHTS.mutation }

export function platformBudget(platform: Platform, bucket: string, { limit, windowSeconds }: RateLimit): Budget {
  return { bucket, limit, windowSeconds, reserve: MIN_RESERVE[platform], ...burstOf(platform, limit) }
}

/**
 * Meetup counts points, and one page of RSVPs costs many: its burst is as large as the window allows. Eventbrite's
 * window is an hour, longer than any sales rush, so its burst matters more than its refill rate.
 */
function burstOf(platform: Platform, limit: number): Pick<Budget, 'burst' | 'largestCall'> {
  if (platform === 'MEETUP') return { burst: limit, largestCall: MEETUP_WEIGHTS.mutation }
  return platform === 'EVENTBRITE' ? { burst: 0.15 * limit } : {}
}

/**
 * The share of the burst needed to close this number of listings at once: the cost of that, less what leaks out in the
 * same time.
 */
export function reserveFor(platform: Platform, budget: Budget, listings: number): number {
  const { burst, rate } = bucketOf(budget)
  const needed = (listings * CLOSE_COST[platform] - CLOSE_ALL_WITHIN_MS * rate) / burst
  return Math.min(MAX_RESERVE, Math.max(MIN_RESERVE[platform], needed))
}

/** Units per ms that may be spent indefinitely: the limit less the burst. */
export function sustainedRate(platform: Platform, rate: RateLimit): number {
  return bucketOf(platformBudget(platform, platform, rate)).rate
}

import type { Platform } from '../domain/channel.js'
import type { RateLimit } from '../infrastructure/config/kinds.js'
import { MEETUP_WEIGHTS } from './meetup/operations.js'
import { bucketOf } from './throttle/budget.js'
import type { Budget } from './throttle/limiter.js'

/** The share of a platform's burst that only `protect` may use, at least. */
const RESERVE: Record<Platform, number> = { EVENTBRITE: 0.09, LUMA: 0.2, MEETUP: 0.2 }
/** What it costs to close one listing while it sells. */
const CLOSING: Record<Platform, number> = { EVENTBRITE: 5, LUMA: 2, MEETUP: MEETUP_WEIGHTS.mutation }
/** All listings of a platform are to be closed within this, ms. */
const CLOSED_WITHIN_MS = 30_000
const MAX_RESERVE = 0.7
/** What the call weighs that raises a cap. */
export const CAP_WRITE: Record<Platform, number> = { EVENTBRITE: 1, LUMA: 1, MEETUP: MEETUP_WEIGHTS.mutation }

export function platformBudget(platform: Platform, bucket: string, { limit, windowSeconds }: RateLimit): Budget {
  return { bucket, limit, windowSeconds, reserve: RESERVE[platform], ...burstOf(platform, limit) }
}

/**
 * Meetup counts points, and one page of RSVPs costs many: its burst is as large as its window allows. Eventbrite's window
 * is an hour, longer than any rush: what may go at once counts for more there than what comes back.
 */
function burstOf(platform: Platform, limit: number): Pick<Budget, 'burst' | 'largestCall'> {
  if (platform === 'MEETUP') return { burst: limit, largestCall: MEETUP_WEIGHTS.mutation }
  return platform === 'EVENTBRITE' ? { burst: 0.15 * limit } : {}
}

/** The share of the burst that so many listings need to be closed at once: what that costs, less what comes back meanwhile. */
export function reserveFor(platform: Platform, budget: Budget, listings: number): number {
  const { burst, rate } = bucketOf(budget)
  const wanted = (listings * CLOSING[platform] - CLOSED_WITHIN_MS * rate) / burst
  return Math.min(MAX_RESERVE, Math.max(RESERVE[platform], wanted))
}

/** Units per ms that may be spent for ever: the limit less what may go at once. */
export function sustainedRate(platform: Platform, rate: RateLimit): number {
  return bucketOf(platformBudget(platform, platform, rate)).rate
}

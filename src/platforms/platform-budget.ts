import type { Platform } from '../domain/channel.js'
import type { RateLimit } from '../infrastructure/config/kinds.js'
import { MEETUP_WEIGHTS } from './meetup/operations.js'
import { bucketOf } from './throttle/budget.js'
import type { Budget } from './throttle/limiter.js'

/** The share of a platform's burst that only `protect` may use. */
const RESERVE: Record<Platform, number> = { EVENTBRITE: 0.15, LUMA: 0.2, MEETUP: 0.2 }
/** What the call weighs that raises a cap. */
export const CAP_WRITE: Record<Platform, number> = { EVENTBRITE: 1, LUMA: 1, MEETUP: MEETUP_WEIGHTS.mutation }

export function platformBudget(platform: Platform, bucket: string, { limit, windowSeconds }: RateLimit): Budget {
  // Meetup counts points, and one page of RSVPs costs many: its burst is as large as its window allows.
  const burst = platform === 'MEETUP' ? { burst: limit, largestCall: MEETUP_WEIGHTS.mutation } : {}
  return { bucket, limit, windowSeconds, reserve: RESERVE[platform], ...burst }
}

/** Units per ms that may be spent for ever: the limit less what may go at once. */
export function sustainedRate(platform: Platform, rate: RateLimit): number {
  return bucketOf(platformBudget(platform, platform, rate)).rate
}

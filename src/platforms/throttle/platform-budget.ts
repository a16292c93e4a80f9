import type { Platform } from '../../domain/channel.js'
import type { RateLimit } from '../../infrastructure/config/env-parsers.js'
import { rateLimitTraitsOf } from '../registry.js'
import { bucketOf } from './budget.js'
import type { Budget } from './limiter.js'

/** All listings of a platform should be closed within this time, ms. */
const CLOSE_ALL_WITHIN_MS = 30_000
const MAX_RESERVE = 0.7

export function platformBudget(platform: Platform, bucket: string, { limit, windowSeconds }: RateLimit): Budget {
  const { minReserve: reserve, burst, largestCall } = rateLimitTraitsOf(platform)
  return {
    bucket,
    limit,
    windowSeconds,
    reserve,
    ...(burst && { burst: burst(limit) }),
    ...(largestCall !== undefined && { largestCall }),
  }
}

/**
 * The share of the burst needed to close this number of listings at once: the cost of that, less what leaks out in the
 * same time.
 */
export function reserveFor(platform: Platform, budget: Budget, listings: number): number {
  const { closeCost, minReserve } = rateLimitTraitsOf(platform)
  const { burst, rate } = bucketOf(budget)
  const needed = (listings * closeCost - CLOSE_ALL_WITHIN_MS * rate) / burst
  return Math.min(MAX_RESERVE, Math.max(minReserve, needed))
}

/** Units per ms that may be spent indefinitely: the limit less the burst. */
export function sustainedRate(platform: Platform, rate: RateLimit): number {
  return bucketOf(platformBudget(platform, platform, rate)).rate
}

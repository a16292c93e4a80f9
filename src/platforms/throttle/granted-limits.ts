import type { Budget, RateLimitStatus } from './limiter.js'

/**
 * Limits below the configured ones, as platforms report them. From the first response that shows a lower limit, burst,
 * rate and the shares of the lanes are sized by it.
 */
export class GrantedLimits {
  private readonly limits = new Map<string, number>()

  record({ bucket, limit }: Budget, status: RateLimitStatus): void {
    if (status.limit >= 2 && status.limit < limit) this.limits.set(bucket, status.limit)
    else this.limits.delete(bucket)
  }

  /** The budget with the limit that is in force. */
  applyTo(budget: Budget): Budget {
    const limit = this.limits.get(budget.bucket)
    return limit === undefined ? budget : { ...budget, limit }
  }
}

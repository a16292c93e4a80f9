import type { Budget, Verdict } from './limiter.js'

/**
 * Platforms may grant less than was configured. From the first answer that says so, everything is sized by what is
 * granted: burst, pace and the shares of the lanes.
 */
export class GrantedLimits {
  private readonly limits = new Map<string, number>()

  learn({ bucket, limit }: Budget, verdict: Verdict): void {
    if (verdict.limit >= 2 && verdict.limit < limit) this.limits.set(bucket, verdict.limit)
    else this.limits.delete(bucket)
  }

  /** The budget to keep to. */
  of(budget: Budget): Budget {
    const limit = this.limits.get(budget.bucket)
    return limit === undefined ? budget : { ...budget, limit }
  }
}

import type { Lane } from '../../domain/channel.js'
import { bucketOf, laneRule, reportedLevel } from './budget.js'
import { LeakyBucket } from './leaky-bucket.js'
import type { Budget, Permit, RateLimiter, Turn, RateLimitStatus } from './limiter.js'

/** The shared bucket of one budget, on the test's clock; records what it granted. */
export class OneBucket implements RateLimiter {
  readonly granted: { at: number; weight: number; lane: Lane; waiter: string }[] = []
  private readonly level: LeakyBucket

  /** `level`: what was spent before. `ordered: false` switches the wait queue off. */
  constructor(
    budget: Budget,
    private readonly now: () => number,
    level = 0,
    private readonly ordered = true,
  ) {
    this.level = new LeakyBucket(bucketOf(budget), level, now())
  }

  acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit> {
    const rule = laneRule(bucketOf(budget), weight, lane, turn)
    const waitMs = this.level.acquire(weight, rule, this.now(), this.ordered ? turn?.waiter : undefined)
    if (waitMs > 0) return Promise.resolve({ granted: false, waitMs })
    this.granted.push({ at: this.now(), weight, lane, waiter: turn?.waiter ?? '' })
    return Promise.resolve({ granted: true, reservation: String(this.granted.length) })
  }

  refund(): Promise<void> {
    return Promise.reject(new Error('refunds are not supported by this test limiter'))
  }

  block(_budget: Budget, until: Date): Promise<void> {
    this.level.block(until.getTime())
    return Promise.resolve()
  }

  observe(budget: Budget, status: RateLimitStatus): Promise<void> {
    this.level.raiseTo(reportedLevel(bucketOf(budget), status), this.now())
    return Promise.resolve()
  }
}

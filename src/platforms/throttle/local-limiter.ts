import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/clock.js'
import { bucketOf, laneRule, shareOf, verdictLevel, type Bucket } from './budget.js'
import { LeakyBucket } from './leaky-bucket.js'
import type { Budget, Permit, RateLimiter, Verdict } from './limiter.js'

/** What all processes together may send at once on top of what Redis had granted before: within the unused tenth. */
const FIRST_ROUND = 0.05
const OTHER_LANES_WAIT_MS = 5_000
const REFUNDABLE_MS = 60_000

interface Spending {
  budget: Budget
  bucket: Bucket
  share: number
  level: LeakyBucket
  open: Map<string, { weight: number; at: number }>
}

/**
 * This process alone, while nobody can be asked what the others spend: half of the limit, split by the processes last
 * seen, for `protect` only. The bucket starts nearly full, since the shared one may just have been used up.
 */
export class LocalLimiter implements RateLimiter {
  private readonly spendings = new Map<string, Spending>()
  private sequence = 0

  constructor(
    private readonly clock: Clock,
    private readonly liveInstances: number,
  ) {}

  async acquire(budget: Budget, weight: number, lane: Lane): Promise<Permit> {
    laneRule(bucketOf(budget), weight, lane) // refuses what could never go
    if (lane !== 'protect') return { granted: false, waitMs: OTHER_LANES_WAIT_MS }
    const { level, bucket, open } = this.spending(budget)
    const now = this.now()
    // A share may be smaller than one call: that one then waits for an empty bucket.
    const ceiling = Math.max(bucket.burst, weight)
    const waitMs = level.acquire(weight, { ceiling, startBelow: null, floorMs: null }, now)
    if (waitMs > 0) return { granted: false, waitMs }
    for (const [id, { at }] of open) if (now - at > REFUNDABLE_MS) open.delete(id)
    const reservation = `local-${++this.sequence}`
    open.set(reservation, { weight, at: now })
    return { granted: true, reservation }
  }

  /** How long a call of weight 1 would have to wait now, ms; charges nothing. */
  peek(budget: Budget, lane: Lane): Promise<number> {
    if (lane !== 'protect') return Promise.resolve(OTHER_LANES_WAIT_MS)
    const { level, bucket } = this.spending(budget)
    const waitMs = level.wait(1, { ceiling: Math.max(bucket.burst, 1), startBelow: null, floorMs: null }, this.now())
    return Promise.resolve(waitMs)
  }

  refund(budget: Budget, reservation: string): Promise<void> {
    const { level, open } = this.spending(budget)
    const reserved = open.get(reservation)
    if (reserved) level.refund(reserved.weight, reserved.at, this.now())
    open.delete(reservation)
    return Promise.resolve()
  }

  block(budget: Budget, until: Date): Promise<void> {
    this.spending(budget).level.block(until.getTime())
    return Promise.resolve()
  }

  observe(budget: Budget, { used, limit, resetInMs }: Verdict): Promise<void> {
    const { bucket, share, level } = this.spending(budget)
    level.raiseTo(verdictLevel(bucket, { used: used * share, limit: limit * share, resetInMs }), this.now())
    return Promise.resolve()
  }

  /** What is charged here and not yet leaked out, per budget: to be charged to the shared bucket afterwards. */
  charged(): { budget: Budget; units: number }[] {
    return [...this.spendings.values()].map(({ budget, level }) => ({ budget, units: level.level(this.now()) }))
  }

  forget(budget: Budget): void {
    this.spendings.delete(budget.bucket)
  }

  private spending(budget: Budget): Spending {
    const known = this.spendings.get(budget.bucket)
    if (known) return known
    const instances = Math.max(1, this.liveInstances)
    const share = 1 / (2 * instances)
    const bucket = bucketOf(shareOf(budget, share))
    const start = Math.max(0, bucket.burst - (FIRST_ROUND * budget.limit) / instances)
    const level = new LeakyBucket(bucket, start, this.now())
    const made: Spending = { budget, bucket, share, level, open: new Map() }
    this.spendings.set(budget.bucket, made)
    return made
  }

  private now(): number {
    return this.clock.now().getTime()
  }
}

import type { Bucket, LaneRule } from './budget.js'
import { DUE_BULK_RANK, isBulkRank, WaitQueue } from './wait-queue.js'

/**
 * In-process equivalent of `lua/leaky-bucket.lua`. Times are ms. Nothing is lost in one process, so no charge is
 * assumed.
 */
export class LeakyBucket {
  private emptiedAt = Number.NEGATIVE_INFINITY
  private blockedUntil = Number.NEGATIVE_INFINITY
  /** Last grant to `grow` and to `bulk`: those have a floor. */
  private grownAt: number
  private bulkAt: number
  private readonly queue = new WaitQueue()

  constructor(
    readonly bucket: Bucket,
    private current: number,
    private at: number,
  ) {
    this.grownAt = at
    this.bulkAt = at
  }

  level(now: number): number {
    const leaked = Math.max(0, now - this.at) * this.bucket.rate
    if (leaked >= this.current) this.emptiedAt = now
    this.current = Math.max(0, this.current - leaked)
    this.at = now
    return this.current
  }

  /** 0: charged. Otherwise the ms to wait: nothing was charged, and a named waiter has a place in the queue. */
  acquire(weight: number, rule: LaneRule, now: number, waiter?: string): number {
    const wait = this.wait(weight, rule, now, waiter)
    if (wait > 0) {
      if (waiter !== undefined) this.queue.join(waiter, this.queuedRank(rule, now, waiter), weight, now + wait)
      return wait
    }
    if (waiter !== undefined) this.queue.leave(waiter)
    this.current += weight
    if (isBulkRank(rule.rank)) this.bulkAt = now
    else if (rule.floorMs !== null) this.grownAt = now
    return 0
  }

  /** The ms to wait; charges nothing. */
  wait(weight: number, { ceiling, startBelow, floorMs, rank }: LaneRule, now: number, waiter = ''): number {
    const ahead = this.queue.ahead(waiter, rank, now)
    const level = this.level(now)
    const { burst, rate, maxBlockMs } = this.bucket
    this.blockedUntil = Math.min(this.blockedUntil, now + maxBlockMs)
    this.grownAt = Math.min(this.grownAt, now)
    this.bulkAt = Math.min(this.bulkAt, now)
    const start = startBelow === null ? 0 : (level - startBelow) / rate
    let wait = Math.max((level + ahead.all + weight - ceiling) / rate, start)
    // Only for the first of its lane: otherwise light calls would overtake a heavy one.
    if (floorMs !== null && ahead.lane === 0) {
      const due = isBulkRank(rank)
        ? Math.max(this.bulkAt + floorMs - now, (level + ahead.beforeGrow + weight - ceiling) / rate)
        : Math.max(this.grownAt + floorMs - now, (level + weight - burst) / rate)
      wait = Math.min(wait, due)
    }
    wait = Math.max(wait, this.blockedUntil - now)
    return wait > 0 ? Math.max(1, Math.ceil(wait)) : 0
  }

  private queuedRank({ rank, floorMs }: LaneRule, now: number, waiter: string): number {
    const due = isBulkRank(rank) && floorMs !== null && now >= this.bulkAt + floorMs
    return due && this.queue.ahead(waiter, rank, now).lane === 0 ? DUE_BULK_RANK : rank
  }

  /** Once the bucket has been empty the charge has leaked out; a refund would then lower later charges. */
  refund(weight: number, reservedAt: number, now: number): void {
    const level = this.level(now)
    if (this.emptiedAt <= reservedAt) this.current = Math.max(0, level - weight)
  }

  /** Adds what was spent elsewhere; may exceed the burst. */
  charge(weight: number, now: number): void {
    this.current = this.level(now) + weight
  }

  raiseTo(level: number, now: number): void {
    this.current = Math.max(this.level(now), level)
  }

  block(until: number): void {
    this.blockedUntil = Math.max(this.blockedUntil, until)
  }
}

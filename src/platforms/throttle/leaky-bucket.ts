import type { Bucket, LaneRule } from './budget.js'

/** The in-process twin of `lua/leaky-bucket.lua`. Times are ms; one process, so it never has to guess what was spent. */
export class LeakyBucket {
  private emptiedAt = Number.NEGATIVE_INFINITY
  private blockedUntil = Number.NEGATIVE_INFINITY

  constructor(
    private readonly bucket: Bucket,
    private current: number,
    private at: number,
  ) {}

  level(now: number): number {
    const leaked = Math.max(0, now - this.at) * this.bucket.rate
    if (leaked >= this.current) this.emptiedAt = now
    this.current = Math.max(0, this.current - leaked)
    this.at = now
    return this.current
  }

  /** 0: charged; else the ms to wait, and nothing was charged. */
  acquire(weight: number, rule: LaneRule, now: number): number {
    const wait = this.wait(weight, rule, now)
    if (wait === 0) this.current += weight
    return wait
  }

  /** The ms to wait; charges nothing. */
  wait(weight: number, { ceiling, startBelow }: LaneRule, now: number): number {
    const level = this.level(now)
    const { rate, longestBlockMs } = this.bucket
    this.blockedUntil = Math.min(this.blockedUntil, now + longestBlockMs)
    const start = startBelow === null ? 0 : (level - startBelow) / rate
    const wait = Math.max((level + weight - ceiling) / rate, start, this.blockedUntil - now)
    return wait > 0 ? Math.max(1, Math.ceil(wait)) : 0
  }

  /** Once the bucket ran empty the charge has leaked out: giving it back would take from later ones. */
  refund(weight: number, reservedAt: number, now: number): void {
    const level = this.level(now)
    if (this.emptiedAt <= reservedAt) this.current = Math.max(0, level - weight)
  }

  raiseTo(level: number, now: number): void {
    this.current = Math.max(this.level(now), level)
  }

  block(until: number): void {
    this.blockedUntil = Math.max(this.blockedUntil, until)
  }
}

import { bucketOf } from './budget.js'
import type { Budget } from './limiter.js'

/** What a process last saw of a shared bucket. */
interface Seen {
  level: number
  /** Names the bucket that was seen: one made after a loss has another. */
  born: string
  at: number
}

/**
 * What this process last saw of the shared buckets: a bucket that was lost is filled from that, and a process that must
 * go on alone starts from it. The spender of the last unit has always seen it, so the highest report of all is true.
 */
export class SharedLevels {
  private readonly seen = new Map<string, Seen>()

  /** Answers whether this is another bucket than the one seen before. */
  note({ bucket }: Budget, level: number, born: string, now: number): boolean {
    const before = this.seen.get(bucket)
    this.seen.set(bucket, { level, born, at: now })
    return before !== undefined && before.born !== born
  }

  /** The bucket seen last, and the level that it would have now; null: none was seen. */
  expected(budget: Budget, now: number): { born: string; level: number } | null {
    const seen = this.seen.get(budget.bucket)
    if (!seen) return null
    const leaked = Math.max(0, now - seen.at) * bucketOf(budget).rate
    return { born: seen.born, level: Math.max(0, seen.level - leaked) }
  }

  /** The level as it was seen, and how long ago, ms: meanwhile others may have spent what leaked out. */
  last({ bucket }: Budget, now: number): { level: number; ageMs: number } | null {
    const seen = this.seen.get(bucket)
    return seen ? { level: seen.level, ageMs: Math.max(0, now - seen.at) } : null
  }
}

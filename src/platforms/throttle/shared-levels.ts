import { bucketOf } from './budget.js'
import type { Budget } from './limiter.js'

/** The bucket as this process last knew it; null: never seen. `level`, and the part that is only assumed, are by now. */
export type KnownBucket = { born: string; version: number; level: number; assumed: number } | null

/** `value` is a reservation, ms to wait, or empty. `born` identifies the bucket; after a loss there is another one. */
export interface BucketReply {
  done: boolean
  value: string | number
  level: number
  /** The part of the level that is only assumed. */
  assumed: number
  born: string
  /** Grows with every change of the bucket, so that a smaller one shows that the server was set back. */
  version: number
  /** Until the platform's block ends, ms; 0: none. */
  blockedForMs: number
}

/** The last state of a shared bucket that this process received. */
interface KnownLevel {
  level: number
  /** The part of the level that is only assumed: no process is certain of it. */
  assumed: number
  /** Creation time of the bucket, its identity: a bucket created after a loss has another one. */
  born: string
  version: number
  at: number
}

/**
 * Last known levels of the shared buckets, to refill a bucket that Redis has lost, and as the initial level of a local
 * one. The process that spent the last unit always knows its level, so the highest level reported by all is right.
 */
export class SharedLevels {
  private readonly known = new Map<string, KnownLevel>()

  /** Returns whether the bucket is another one than the last known. */
  record({ bucket }: Budget, { level, assumed, born, version }: BucketReply, now: number): boolean {
    const before = this.known.get(bucket)
    this.known.set(bucket, { level, assumed, born, version, at: now })
    return before !== undefined && before.born !== born
  }

  /** The last known bucket and its level by now; null: none is known. */
  expected(budget: Budget, now: number): KnownBucket {
    const known = this.known.get(budget.bucket)
    if (!known) return null
    const leaked = Math.max(0, now - known.at) * bucketOf(budget).rate
    const { born, version, level, assumed } = known
    return { born, version, level: Math.max(0, level - leaked), assumed: Math.max(0, assumed - leaked) }
  }

  /** The last known level and its age, ms. Other processes may have spent since then what leaked out. */
  last({ bucket }: Budget, now: number): { level: number; ageMs: number } | null {
    const known = this.known.get(bucket)
    return known ? { level: known.level, ageMs: Math.max(0, now - known.at) } : null
  }
}

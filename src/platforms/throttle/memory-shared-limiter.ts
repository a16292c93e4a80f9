import type { SharedMemory } from '../../infrastructure/shared-memory.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import { bucketOf } from './budget.js'
import type { Budget } from './limiter.js'
import { SharedBucket } from './shared-bucket.js'
import type { BucketReply, KnownBucket } from './shared-levels.js'
import { SharedLimiter, type BucketCommand } from './shared-limiter.js'

/** The buckets of all processes, as one Redis keeps them, by its clock. */
export class MemoryLimiterState {
  private buckets = new Map<string, SharedBucket>()

  constructor(private readonly clock: Clock) {}

  execute(budget: Budget, command: BucketCommand, known: KnownBucket): BucketReply {
    const bucket = this.buckets.get(budget.bucket) ?? new SharedBucket()
    this.buckets.set(budget.bucket, bucket)
    return bucket.execute(bucketOf(budget), command, known, this.clock.now().getTime())
  }

  clear(): void {
    this.buckets.clear()
  }

  /** Returns the function that restores the present state. */
  snapshot(): () => void {
    const saved = copyOf(this.buckets)
    return () => {
      this.buckets = copyOf(saved)
    }
  }
}

function copyOf(buckets: ReadonlyMap<string, SharedBucket>): Map<string, SharedBucket> {
  return new Map([...buckets].map(([name, bucket]) => [name, bucket.copy()]))
}

/** The shared buckets in memory, for runs on virtual time. Equivalent to `RedisLimiter`, by the same suite. */
export class MemorySharedLimiter extends SharedLimiter {
  /** `clock`: that of this process. */
  constructor(
    private readonly memory: SharedMemory<MemoryLimiterState>,
    clock: Clock,
  ) {
    super(clock)
  }

  protected execute(budget: Budget, command: BucketCommand, known: KnownBucket): Promise<BucketReply> {
    return this.memory.write((buckets) => buckets.execute(budget, command, known))
  }
}

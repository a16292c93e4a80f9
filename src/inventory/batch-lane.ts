import { setImmediate as macrotask } from 'node:timers/promises'
import { Unavailable } from '../domain/errors.js'
import { retryDeadlocks } from '../infrastructure/prisma/deadlock.js'
import { isOutage } from '../infrastructure/outage.js'
import { isTransactionTooLong } from '../infrastructure/prisma/outage.js'

interface Waiting<I, O> {
  item: I
  since: number
  resolve: (value: O) => void
  reject: (reason: unknown) => void
}

export interface BatchLimits {
  /** Items per batch. */
  batch: number
  /** Items of one key that wait; one more is refused. */
  waiting: number
  /** ms: whoever asked has given up by then, so that what is older is refused instead of done. */
  deadlineMs: number
}

const LIMITS: BatchLimits = { batch: 250, waiting: 5_000, deadlineMs: 20_000 }

/**
 * Group commit: while one batch of a key is at work, what arrives for that key waits and goes together in the next.
 * Batches of one key never overlap (in this process); `work` answers one result per item, in order.
 * A batch that throws is halved until the bad item is alone, so that it fails only itself. An outage fails the batch
 * and all that wait for the key at once, instead of being met by each in turn.
 */
export class BatchLane<I, O> {
  private readonly waiting = new Map<string, Waiting<I, O>[]>()
  private readonly limits: BatchLimits

  constructor(
    private readonly work: (key: string, items: I[]) => Promise<O[]>,
    limits: Partial<BatchLimits> = {},
  ) {
    this.limits = { ...LIMITS, ...limits }
  }

  /** Rejects with what `work` threw, or with Unavailable when the item waited too long or too many wait. */
  submit(key: string, item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      const entry = { item, since: performance.now(), resolve, reject }
      const queue = this.waiting.get(key)
      if (!queue) {
        this.waiting.set(key, [entry])
        void this.drain(key)
      } else if (queue.length < this.limits.waiting) queue.push(entry)
      else reject(new Unavailable('Too many requests wait for this event. Try again.'))
    })
  }

  private async drain(key: string): Promise<void> {
    for (;;) {
      // What was submitted together goes together.
      await macrotask()
      const queue = this.waiting.get(key) ?? []
      const batch = queue.splice(0, this.limits.batch).filter((entry) => this.isInTime(entry))
      if (batch.length > 0) await this.run(key, batch)
      else if (queue.length === 0) break
    }
    this.waiting.delete(key)
  }

  private isInTime({ since, reject }: Waiting<I, O>): boolean {
    const late = performance.now() - since > this.limits.deadlineMs
    if (late) reject(new Unavailable('The stock of this event is busy. Try again.'))
    return !late
  }

  private async run(key: string, batch: Waiting<I, O>[]): Promise<void> {
    try {
      const items = batch.map(({ item }) => item)
      const results = await retryDeadlocks(() => this.work(key, items))
      batch.forEach(({ resolve }, index) => resolve(results[index] as O))
    } catch (error) {
      await this.fail(key, batch, error)
    }
  }

  private async fail(key: string, batch: Waiting<I, O>[], error: unknown): Promise<void> {
    // Fewer items may be done in time where all of them were not.
    const divisible = batch.length > 1
    if (isOutage(error) && !(divisible && isTransactionTooLong(error))) {
      for (const { reject } of [...batch, ...(this.waiting.get(key)?.splice(0) ?? [])]) reject(error)
      return
    }
    if (!divisible) {
      for (const { reject } of batch) reject(error)
      return
    }
    const middle = Math.ceil(batch.length / 2)
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      const inTime = half.filter((entry) => this.isInTime(entry))
      if (inTime.length > 0) await this.run(key, inTime)
    }
  }
}

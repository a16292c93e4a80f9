import { setImmediate as macrotask } from 'node:timers/promises'
import { Unavailable } from '../../domain/errors.js'
import { retryDeadlocks } from '../../infrastructure/errors/deadlock.js'
import { isOutage } from '../../infrastructure/errors/outage.js'
import { isDatabaseBusy, isTransactionTooLong } from '../../infrastructure/errors/database-outage.js'
import { Gathered } from '../../infrastructure/gathered.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import { asOwnWork } from '../../infrastructure/work-class.js'

interface QueuedItem<I, O> {
  item: I
  queuedAt: number
  resolve: (value: O) => void
  reject: (reason: unknown) => void
}

interface Batch<I> {
  key: string
  items: I[]
}

export interface BatchLimits {
  /** Items per batch. */
  batchSize: number
  /** Maximum number of queued items per key; further items are rejected. */
  maxQueued: number
  /** ms after which callers have timed out: older items are rejected instead of processed. */
  deadlineMs: number
}

const LIMITS: BatchLimits = { batchSize: 250, maxQueued: 5_000, deadlineMs: 20_000 }
/** Two, so that one commits while the other is decided. */
const TOGETHER = { runs: 2, size: 500 }

/** Processes batches of several keys. A key that is missing in the result is processed on its own. */
export type Together<I, O> = (batches: ReadonlyMap<string, readonly I[]>) => Promise<ReadonlyMap<string, readonly O[]>>

/**
 * Group commit: while a batch of a key is in progress, new items of that key are queued and form the next batch.
 * Batches of one key never overlap (in this process); `work` returns one result per item, in order.
 * A batch that throws is bisected until the failing item is isolated and fails alone. An outage fails the batch and all
 * queued items of the key at once, instead of one batch after another.
 *
 * With `together`, the batches that are waiting are tried together first. It leaves out the keys that would make the others
 * wait; those, or all if it fails, are then processed on their own, and delay no other key.
 */
export class BatchQueue<I, O> {
  private readonly waiting = new Map<string, QueuedItem<I, O>[]>()
  private readonly limits: BatchLimits
  private readonly together: Gathered<Batch<I>, readonly O[] | null> | null

  constructor(
    private readonly work: (key: string, items: I[]) => Promise<O[]>,
    private readonly clock: Clock,
    limits: Partial<BatchLimits> = {},
    together?: Together<I, O>,
  ) {
    this.limits = { ...LIMITS, ...limits }
    const sizeOf = ({ items }: Batch<I>) => items.length
    this.together = together ? new Gathered(joining(together), { ...TOGETHER, sizeOf }) : null
  }

  /** Rejects with the error of `work`, or with Unavailable if the item was queued too long or the queue is full. */
  submit(key: string, item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      const entry = { item, queuedAt: this.clock.monotonicMs(), resolve, reject }
      const queue = this.waiting.get(key)
      if (!queue) {
        this.waiting.set(key, [entry])
        // A batch serves many callers: it must not wait as the class of the one that started it.
        void asOwnWork(() => this.drain(key))
      } else if (queue.length < this.limits.maxQueued) queue.push(entry)
      else reject(new Unavailable('Too many requests are queued for this event. Try again.'))
    })
  }

  private async drain(key: string): Promise<void> {
    for (;;) {
      // Items submitted in the same tick form one batch.
      await macrotask()
      const queue = this.waiting.get(key) ?? []
      const batch = queue.splice(0, this.limits.batchSize).filter((entry) => this.isInTime(entry))
      if (batch.length > 0) await this.process(key, batch)
      else if (queue.length === 0) break
    }
    this.waiting.delete(key)
  }

  private isInTime({ queuedAt, reject }: QueuedItem<I, O>): boolean {
    const expired = this.clock.monotonicMs() - queuedAt > this.limits.deadlineMs
    if (expired) reject(new Unavailable('The stock of this event is busy. Try again.'))
    return !expired
  }

  private async process(key: string, batch: QueuedItem<I, O>[]): Promise<void> {
    let results: readonly O[] | null | undefined
    try {
      results = await this.together?.submit({ key, items: batch.map(({ item }) => item) })
    } catch (error) {
      return this.fail(key, batch, error)
    }
    if (results) return batch.forEach(({ resolve }, index) => resolve(results[index] as O))
    const inTime = batch.filter((entry) => this.isInTime(entry))
    if (inTime.length > 0) await this.run(key, inTime)
  }

  private async run(key: string, batch: QueuedItem<I, O>[]): Promise<void> {
    try {
      const items = batch.map(({ item }) => item)
      const results = await retryDeadlocks(() => this.work(key, items))
      batch.forEach(({ resolve }, index) => resolve(results[index] as O))
    } catch (error) {
      await this.fail(key, batch, error)
    }
  }

  private async fail(key: string, batch: QueuedItem<I, O>[], error: unknown): Promise<void> {
    // A smaller batch may finish in time when the whole batch did not.
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

/** The results of each batch; null: it is to be processed on its own. Rejects if none of them could be processed either. */
function joining<I, O>(together: Together<I, O>): (batches: Batch<I>[]) => Promise<(readonly O[] | null)[]> {
  return async (batches) => {
    try {
      const results = await together(new Map(batches.map(({ key, items }) => [key, items])))
      return batches.map(({ key }) => results.get(key) ?? null)
    } catch (error) {
      if (isOutage(error) && !isDatabaseBusy(error)) throw error
      return batches.map(() => null)
    }
  }
}

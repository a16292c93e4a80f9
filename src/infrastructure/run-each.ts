import pLimit from 'p-limit'
import type { Timers } from './time/timers.js'
import { withTimeout } from './time/with-timeout.js'

export interface RunEachOptions<T> {
  /** Maximum number of concurrent items. */
  concurrency: number
  /** How long an item may occupy its slot; then the next item gets it, even if the work has not ended. */
  deadlineMs: number
  timers: Timers
  /** `late` is aborted at the deadline, so that cancellable work stops. */
  work: (item: T, late: AbortSignal) => Promise<void>
  /** Called once per failed item; with `TimeoutExceeded` the work may still be running. */
  onFailure: (item: T, error: unknown) => void | Promise<void>
}

/**
 * Runs `work` on every item independently: an item that fails or hangs only occupies a slot until its deadline.
 * Resolves once each item has succeeded, failed or timed out. Rejects only when `onFailure` does, after all items.
 */
export async function runEach<T>(items: Iterable<T>, options: RunEachOptions<T>): Promise<void> {
  const { concurrency, deadlineMs, timers, work, onFailure } = options
  const errors: unknown[] = []
  const reportFailure = async (item: T, error: unknown) => {
    try {
      await onFailure(item, error)
    } catch (failed) {
      errors.push(failed)
    }
  }
  await pLimit(concurrency).map(items, async (item) => {
    try {
      await withTimeout(deadlineMs, (late) => work(item, late), timers)
    } catch (error) {
      await reportFailure(item, error)
    }
  })
  if (errors.length > 0) throw errors[0]
}

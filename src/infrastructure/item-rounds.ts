import { runEach } from './run-each.js'
import type { Clock } from './time/clock.js'
import type { Timers } from './time/timers.js'
import { TimeoutExceeded } from './time/with-timeout.js'

export interface ItemRoundsOptions<T> {
  /** Identifies an item across rounds. Default: its text. */
  keyOf?: (item: T) => string
  /** Maximum number of concurrent items. */
  concurrency: number
  /** How long an item may occupy its slot. Its work continues after that and is not started again until it ends. */
  deadlineMs: number
  /** Pause before a failed item is retried; doubles from `initialMs` to `maxMs`. */
  backoff: { initialMs: number; maxMs: number }
  clock: Clock
  timers: Timers
  work: (item: T) => Promise<void>
  /** Called once per failure, also for work past its deadline. `failures`: number of consecutive failures. */
  onFailure: (item: T, error: unknown, failures: number) => void
}

/** Limits the work still running past its deadline: each may hold a connection. */
const MAX_RUNNING_PER_SLOT = 4

const MAX_REMEMBERED = 10_000

interface FailedItem {
  failures: number
  /** ms, `Clock.monotonicMs` */
  retryAt: number
}

/**
 * Repeated rounds over recurring items, each processed independently. A failed item is skipped until its backoff is over
 * and then comes last; an item still in progress is skipped until it ends.
 */
export class ItemRounds<T = string> {
  private readonly running = new Set<string>()
  private readonly failed = new Map<string, FailedItem>()

  private readonly keyOf: (item: T) => string

  constructor(private readonly options: ItemRoundsOptions<T>) {
    this.keyOf = options.keyOf ?? String
  }

  /** Resolves once every due item has succeeded, failed or passed its deadline. Never rejects. */
  async round(items: Iterable<T>): Promise<void> {
    const { concurrency, deadlineMs, timers, onFailure } = this.options
    await runEach(this.due(items), {
      concurrency,
      deadlineMs,
      timers,
      work: (item, late) => this.attempt(item, late),
      onFailure: (item, error) => {
        if (!(error instanceof TimeoutExceeded)) onFailure(item, error, this.failuresOf(item))
      },
    })
  }

  /** In the given order, failed items last. */
  private due(items: Iterable<T>): T[] {
    const { keyOf } = this
    const now = this.options.clock.monotonicMs()
    const failedOf = (item: T) => this.failed.get(keyOf(item))
    return [...items]
      .filter((item) => !this.running.has(keyOf(item)) && (failedOf(item)?.retryAt ?? 0) <= now)
      .toSorted((a, b) => (failedOf(a)?.failures ?? 0) - (failedOf(b)?.failures ?? 0))
  }

  private async attempt(item: T, late: AbortSignal): Promise<void> {
    const key = this.keyOf(item)
    if (this.running.has(key) || this.running.size >= this.options.concurrency * MAX_RUNNING_PER_SLOT) return
    this.running.add(key)
    try {
      await this.options.work(item)
      this.failed.delete(key)
    } catch (error) {
      this.postpone(key)
      if (!late.aborted) throw error
      this.options.onFailure(item, error, this.failuresOf(item))
    } finally {
      this.running.delete(key)
    }
  }

  private failuresOf(item: T): number {
    return this.failed.get(this.keyOf(item))?.failures ?? 1
  }

  private postpone(key: string): void {
    const { backoff, clock } = this.options
    const { initialMs, maxMs } = backoff
    const failures = (this.failed.get(key)?.failures ?? 0) + 1
    const pauseMs = Math.min(initialMs * 2 ** Math.min(failures - 1, 20), maxMs)
    this.failed.set(key, { failures, retryAt: clock.monotonicMs() + pauseMs })
    if (this.failed.size > MAX_REMEMBERED) this.failed.delete(this.failed.keys().next().value ?? key)
  }
}

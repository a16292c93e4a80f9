import { DeadlineExceeded, runEach } from './run-each.js'

export interface ItemRoundsOptions<T> {
  /** What tells one item from another, round by round. Left out: its text. */
  keyOf?: (item: T) => string
  /** At most so many items at once. */
  concurrency: number
  /** ms: so long one item may occupy its place; its work goes on, and is not begun a second time meanwhile. */
  deadlineMs: number
  /** ms before an item that failed is tried again: doubles from the first to the longest. */
  backoff: { firstMs: number; longestMs: number }
  work: (item: T) => Promise<void>
  /** Once per failure, also of work that had passed its deadline. `times`: how often in a row it has failed. */
  onFailure: (item: T, error: unknown, times: number) => void
}

/** Bounds what still is at work past its deadline: each may hold a connection. */
const RUNNING_PER_PLACE = 4

const MAX_REMEMBERED = 10_000

interface Failed {
  times: number
  /** ms, `performance.now()` */
  notBefore: number
}

/**
 * Rounds over many items that come again and again: each item succeeds, fails and hangs for itself. One that failed is
 * left out until its backoff is over and then comes last; one still at work is left out until it ends.
 */
export class ItemRounds<T = string> {
  private readonly running = new Set<string>()
  private readonly failed = new Map<string, Failed>()

  private readonly keyOf: (item: T) => string

  constructor(private readonly options: ItemRoundsOptions<T>) {
    this.keyOf = options.keyOf ?? String
  }

  /** Resolves once every item that is due is done, failed or past its deadline. Never rejects. */
  async round(items: Iterable<T>): Promise<void> {
    const { concurrency, deadlineMs, onFailure } = this.options
    await runEach(this.due(items), {
      concurrency,
      deadlineMs,
      work: (item, late) => this.attempt(item, late),
      onFailure: (item, error) => {
        if (!(error instanceof DeadlineExceeded)) onFailure(item, error, this.timesOf(item))
      },
    })
  }

  /** In the order given, those that failed last. */
  private due(items: Iterable<T>): T[] {
    const { keyOf } = this
    const now = performance.now()
    const failedOf = (item: T) => this.failed.get(keyOf(item))
    return [...items]
      .filter((item) => !this.running.has(keyOf(item)) && (failedOf(item)?.notBefore ?? 0) <= now)
      .toSorted((a, b) => (failedOf(a)?.times ?? 0) - (failedOf(b)?.times ?? 0))
  }

  private async attempt(item: T, late: AbortSignal): Promise<void> {
    const key = this.keyOf(item)
    if (this.running.has(key) || this.running.size >= this.options.concurrency * RUNNING_PER_PLACE) return
    this.running.add(key)
    try {
      await this.options.work(item)
      this.failed.delete(key)
    } catch (error) {
      this.postpone(key)
      if (!late.aborted) throw error
      this.options.onFailure(item, error, this.timesOf(item))
    } finally {
      this.running.delete(key)
    }
  }

  private timesOf(item: T): number {
    return this.failed.get(this.keyOf(item))?.times ?? 1
  }

  private postpone(key: string): void {
    const { firstMs, longestMs } = this.options.backoff
    const times = (this.failed.get(key)?.times ?? 0) + 1
    const pauseMs = Math.min(firstMs * 2 ** Math.min(times - 1, 20), longestMs)
    this.failed.set(key, { times, notBefore: performance.now() + pauseMs })
    if (this.failed.size > MAX_REMEMBERED) this.failed.delete(this.failed.keys().next().value ?? key)
  }
}

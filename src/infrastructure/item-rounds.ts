import { DeadlineExceeded, runEach } from './run-each.js'

export interface ItemRoundsOptions {
  /** At most so many items at once. */
  concurrency: number
  /** ms: so long one item may occupy its place; its work goes on, and is not begun a second time meanwhile. */
  deadlineMs: number
  /** ms before an item that failed is tried again: doubles from the first to the longest. */
  backoff: { firstMs: number; longestMs: number }
  work: (key: string) => Promise<void>
  /** Once per failure, also of work that had passed its deadline. */
  onFailure: (key: string, error: unknown) => void
}

/** Bounds what still is at work past its deadline: each may hold a connection. */
const RUNNING_PER_PLACE = 4

interface Failed {
  times: number
  /** ms, `performance.now()` */
  notBefore: number
}

/**
 * Rounds over many items that come again and again: each item succeeds, fails and hangs for itself. One that failed is
 * left out until its backoff is over and then comes last; one still at work is left out until it ends.
 */
export class ItemRounds {
  private readonly running = new Set<string>()
  private readonly failed = new Map<string, Failed>()

  constructor(private readonly options: ItemRoundsOptions) {}

  /** Resolves once every item that is due is done, failed or past its deadline. Never rejects. */
  async round(keys: Iterable<string>): Promise<void> {
    const { concurrency, deadlineMs, onFailure } = this.options
    await runEach(this.due(keys), {
      concurrency,
      deadlineMs,
      work: (key, late) => this.attempt(key, late),
      onFailure: (key, error) => {
        if (!(error instanceof DeadlineExceeded)) onFailure(key, error)
      },
    })
  }

  /** In the order given, those that failed last. */
  private due(keys: Iterable<string>): string[] {
    const now = performance.now()
    const due = [...new Set(keys)].filter(
      (key) => !this.running.has(key) && (this.failed.get(key)?.notBefore ?? 0) <= now,
    )
    return due.toSorted((a, b) => (this.failed.get(a)?.times ?? 0) - (this.failed.get(b)?.times ?? 0))
  }

  private async attempt(key: string, late: AbortSignal): Promise<void> {
    if (this.running.size >= this.options.concurrency * RUNNING_PER_PLACE) return
    this.running.add(key)
    try {
      await this.options.work(key)
      this.failed.delete(key)
    } catch (error) {
      this.postpone(key)
      if (!late.aborted) throw error
      this.options.onFailure(key, error)
    } finally {
      this.running.delete(key)
    }
  }

  private postpone(key: string): void {
    const { firstMs, longestMs } = this.options.backoff
    const times = (this.failed.get(key)?.times ?? 0) + 1
    const pauseMs = Math.min(firstMs * 2 ** Math.min(times - 1, 20), longestMs)
    this.failed.set(key, { times, notBefore: performance.now() + pauseMs })
  }
}

/** Jobs may become visible in another order than that of their times, which are those of several machines, ms. */
const OVERLAP_MS = 60_000
/** All are read again this often: a clock may have been behind by more, or Redis restored from an older copy, ms. */
const FULL_INTERVAL_MS = 3_600_000

/**
 * Which failed jobs of a queue a check still has to read, so that kept ones are not read again by each check. In this
 * process's memory; all times in ms.
 */
export class ExhaustedScan {
  private next = 0
  private lastFullAt = -Infinity
  /** The check under way, or the last one if it failed, reads all. */
  private full = false

  /** The check reads the jobs that failed at this time or later. */
  start(failedBefore: number): number {
    this.full = failedBefore - this.lastFullAt >= FULL_INTERVAL_MS
    return this.full ? 0 : this.next
  }

  /** `unhandled`: when the jobs failed that are to be tried again. */
  end(failedBefore: number, unhandled: readonly number[]): void {
    if (this.full) this.lastFullAt = failedBefore
    this.next = unhandled.reduce((first, failedAt) => Math.min(first, failedAt), failedBefore - OVERLAP_MS)
  }
}

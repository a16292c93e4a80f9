import { toSingleLine } from '../error-text.js'
import type { Clock } from '../time/clock.js'

const MAX_ERROR_LENGTH = 300

/** What is known about the runs of a task in this process. */
export class RunRecord {
  /** Runs started. */
  runs = 0
  failuresInARow = 0
  lastStartedAt: Date | null = null
  /** Of the run that ended last, ms. */
  lastDurationMs: number | null = null
  /** Of the last failed run, in one line. */
  lastError: string | null = null

  constructor(private readonly clock: Clock) {}

  /** The result of `work`, recorded as a run. An error that is no failure ends a row of failures neither nor continues it. */
  async measure<T>(work: () => T | Promise<T>, isFailure: (error: unknown) => boolean = () => true): Promise<T> {
    this.runs += 1
    this.lastStartedAt = this.clock.now()
    const startedAtMs = this.clock.monotonicMs()
    try {
      const result = await work()
      this.failuresInARow = 0
      return result
    } catch (error) {
      if (isFailure(error)) {
        this.failuresInARow += 1
        this.lastError = toSingleLine(error, MAX_ERROR_LENGTH)
      }
      throw error
    } finally {
      this.lastDurationMs = Math.round(this.clock.monotonicMs() - startedAtMs)
    }
  }
}

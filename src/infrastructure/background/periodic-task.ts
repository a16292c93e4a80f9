import { Logger } from '@nestjs/common'
import type { Clock } from '../time/clock.js'
import type { Timers } from '../time/timers.js'
import type { BackgroundTask } from './background-task.js'
import type { DecoratedMethod } from './decorated-methods.js'
import type { PeriodicOptions } from './periodic.js'
import { RunRecord } from './run-record.js'

/** A failure that lasts is logged as a warning no more often than this: some tasks run several times per second. */
const WARNING_INTERVAL_MS = 60_000

/** One method with `@Periodic`. */
export class PeriodicTask implements BackgroundTask {
  readonly kind = 'periodic'
  readonly name
  readonly runsIn
  readonly declaredBy
  readonly provider
  readonly everyMs
  readonly record
  private readonly logger = new Logger('Background')
  private readonly work
  private readonly stopping = new AbortController()
  private repetition: Promise<void> | null = null
  private runAgain = false
  private endPause: () => void = () => undefined
  private warnedAtMs = -Infinity

  /** @throws Error if the interval is not positive */
  constructor(
    { options, provider, declaredBy, call }: DecoratedMethod<PeriodicOptions>,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {
    this.name = options.name
    this.runsIn = options.runsIn ?? 'worker'
    this.declaredBy = declaredBy
    this.provider = provider
    this.everyMs = typeof options.every === 'number' ? options.every : options.every(provider)
    if (!(this.everyMs > 0)) throw new Error(`${declaredBy}: @Periodic needs an interval above 0, not ${this.everyMs}`)
    this.record = new RunRecord(clock)
    this.work = async () => call(this.stopping.signal)
  }

  async start(): Promise<void> {
    const firstRun = this.run()
    this.repetition = firstRun.then(() => this.repeat())
    await firstRun
  }

  /** Starts the next run now; if one is in progress, another follows at once. */
  wake(): void {
    this.runAgain = true
    this.endPause()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    this.endPause()
    await this.repetition
  }

  private async repeat(): Promise<void> {
    const { signal } = this.stopping
    while (!signal.aborted) {
      if (this.runAgain) await this.run()
      else await this.pause()
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.timers.after(this.everyMs, () => {
        this.runAgain = true
        resolve()
      })
      this.endPause = () => {
        cancel()
        resolve()
      }
    })
  }

  private async run(): Promise<void> {
    this.runAgain = false
    try {
      await this.record.measure(this.work)
      this.warnedAtMs = -Infinity
    } catch (error) {
      this.logFailure(error)
    }
  }

  private logFailure(error: unknown): void {
    const nowMs = this.clock.monotonicMs()
    const isDue = nowMs - this.warnedAtMs >= WARNING_INTERVAL_MS
    if (isDue) this.warnedAtMs = nowMs
    // A shutdown may interrupt a run.
    const level = isDue && !this.stopping.signal.aborted ? 'warn' : 'debug'
    this.logger[level]({ err: error, consecutive: this.record.failuresInARow }, `${this.name} failed; will retry`)
  }
}

import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common'
import { StateConflict } from '../../domain/errors.js'
import { BackgroundTasks } from '../../infrastructure/background/background-tasks.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Cron } from '../../infrastructure/time/cron.js'
import { Config } from '../../infrastructure/config/config.js'
import { ReconciliationService } from '../reconciliation.service.js'
import { RunExecutor } from './run-executor.js'
import { RunScheduleStore, type DueRun } from './run-schedule-store.js'
import { RunStore } from './run-store.js'

const TASK = 'reconciliation scheduling'
const CHECK_INTERVAL_MS = 5_000
/** Delay before a failed nightly run is retried, ms. */
const RETRY_MS = 15 * 60_000

/**
 * Starts the nightly run: by cron while the service runs, and at startup if the due time has passed. Of several
 * processes, the one that advances the due time starts the run. Also resumes aborted runs.
 */
@Injectable()
export class NightlyScheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private cancel: () => void = () => undefined

  constructor(
    private readonly schedule: RunScheduleStore,
    private readonly runs: RunStore,
    private readonly reconciliation: ReconciliationService,
    private readonly executor: RunExecutor,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly cron: Cron,
    private readonly background: BackgroundTasks,
  ) {}

  onApplicationBootstrap(): void {
    const { cron, timezone } = this.config.reconcile
    this.cancel = this.cron.schedule(cron, timezone, () => this.background.wake(TASK))
  }

  beforeApplicationShutdown(): void {
    this.cancel()
  }

  @Periodic({ name: TASK, every: CHECK_INTERVAL_MS })
  async tick(): Promise<void> {
    await this.startIfDue()
    await this.executor.runPending()
  }

  private async startIfDue(): Promise<void> {
    const due = await this.due()
    if (this.clock.now().getTime() < Date.parse(due.at)) return
    if (!(await this.schedule.advance(due, this.next()))) return
    try {
      await this.reconciliation.create({ trigger: 'NIGHTLY' })
    } catch (error) {
      if (!(error instanceof StateConflict)) throw error
      return this.retryAt(this.clock.now().getTime() + CHECK_INTERVAL_MS)
    }
    await this.executor.runPending()
    const last = await this.runs.lastNightly()
    if (last?.state === 'FAILED') await this.retryAt(this.clock.now().getTime() + RETRY_MS)
  }

  /** A new or changed schedule starts with its next time. */
  private async due(): Promise<DueRun> {
    const stored = await this.schedule.read()
    const { cron, timezone } = this.config.reconcile
    if (stored?.cron === cron && stored.timezone === timezone) return stored
    const due = this.next()
    await this.schedule.save(due)
    return due
  }

  private async retryAt(atMs: number): Promise<void> {
    const next = this.next()
    const at = new Date(Math.min(atMs, Date.parse(next.at))).toISOString()
    await this.schedule.save({ ...next, at })
  }

  private next(): DueRun {
    const { cron, timezone } = this.config.reconcile
    return { cron, timezone, at: this.cron.next(cron, timezone).toISOString() }
  }
}

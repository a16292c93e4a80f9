import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { createTask, type ScheduledTask } from 'node-cron'
import { StateConflict } from '../domain/errors.js'
import { Clock } from '../infrastructure/clock.js'
import { Config } from '../infrastructure/config/config.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { ReconciliationService } from './reconciliation.service.js'
import { RunExecutor } from './run-executor.js'

/** When the next nightly run is due, by which schedule. In PostgreSQL, so that a night that was missed is made up. */
interface Due {
  cron: string
  timezone: string
  at: string
}

const KEY = 'reconciliation-due'
const LOOK_EVERY_MS = 5_000
/** A nightly run that failed is tried again after this time, ms. */
const RETRY_MS = 15 * 60_000

/**
 * Starts the nightly run: by node-cron while the service runs, and at start when the time has passed meanwhile. Of
 * several processes, the one that moves the due time on starts it. Also takes up runs that broke off.
 */
@Injectable()
export class Nightly implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Reconciliation')
  private readonly task: ScheduledTask
  private repeating: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly reconciliation: ReconciliationService,
    private readonly executor: RunExecutor,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    const { cron, timezone } = config.reconcile
    this.task = createTask(cron, () => this.repeating?.hurry(), { timezone, noOverlap: true, name: 'reconciliation' })
  }

  start(): void {
    const failed = (error: unknown) => this.logger.warn({ err: error }, 'reconciliation is looked after again soon')
    this.repeating = repeatEvery(LOOK_EVERY_MS, () => this.turn(), failed)
    void this.task.start()
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.task.destroy()
    await this.repeating?.stop()
  }

  async turn(): Promise<void> {
    await this.startIfDue()
    await this.executor.runPending()
  }

  private async startIfDue(): Promise<void> {
    const due = await this.due()
    if (this.clock.now().getTime() < Date.parse(due.at)) return
    if (!(await this.move(due, this.next()))) return
    try {
      await this.reconciliation.create({ trigger: 'NIGHTLY' })
    } catch (error) {
      if (!(error instanceof StateConflict)) throw error
      return this.retryAt(this.clock.now().getTime() + LOOK_EVERY_MS)
    }
    await this.executor.runPending()
    const last = await this.prisma.reconciliationRun.findFirst({
      where: { trigger: 'NIGHTLY' },
      orderBy: { id: 'desc' },
    })
    if (last?.state === 'FAILED') await this.retryAt(this.clock.now().getTime() + RETRY_MS)
  }

  /** A schedule that was changed, or is new, begins with its next time. */
  private async due(): Promise<Due> {
    const row = await this.prisma.storedValue.findUnique({ where: { key: KEY } })
    const known = row?.value as Due | undefined
    const { cron, timezone } = this.config.reconcile
    if (known?.cron === cron && known.timezone === timezone) return known
    const value = { ...this.next() }
    await this.prisma.storedValue.upsert({ where: { key: KEY }, create: { key: KEY, value }, update: { value } })
    return value
  }

  /** False: another process was quicker. */
  private async move(from: Due, to: Due): Promise<boolean> {
    const { count } = await this.prisma.storedValue.updateMany({
      where: { key: KEY, value: { equals: { ...from } } },
      data: { value: { ...to } },
    })
    return count === 1
  }

  private async retryAt(ms: number): Promise<void> {
    const next = this.next()
    const at = new Date(Math.min(ms, Date.parse(next.at))).toISOString()
    await this.prisma.storedValue.update({ where: { key: KEY }, data: { value: { ...next, at } } })
  }

  private next(): Due {
    const { cron, timezone } = this.config.reconcile
    // A date that never comes (30 February) has no next time.
    const at = this.task.getNextRun()?.toISOString() ?? '9999-12-31T00:00:00.000Z'
    return { cron, timezone, at }
  }
}

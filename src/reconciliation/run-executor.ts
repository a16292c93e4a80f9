import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Prisma, ReconciliationRun } from '../generated/prisma/client.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { lookedAfter } from '../inventory/looked-after.js'
import type { RebuildCause } from '../inventory/rebuild.js'
import { Subscriptions } from '../webhooks/subscriptions.js'
import type { DriftSink } from './drift.js'
import { DriftLog } from './drift-log.js'
import { EventCheck } from './event-check.js'
import { StagedOrders } from './staged-orders.js'
import { goOn, Stopped } from './stop.js'

export interface RunProgress {
  runId: string
  done: number
  total: number
}

/** A run that ended so often before its time ends for good. */
const ATTEMPTS = 5

/**
 * Carries out the run that is RUNNING, if no other process does. What a process that died left is taken up by the
 * next one behind the last event that was done.
 */
@Injectable()
export class RunExecutor implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Reconciliation')
  private readonly stopping = new AbortController()
  private working: Promise<void> = Promise.resolve()
  private readonly runs

  constructor(
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly events: EventCheck,
    private readonly drifts: DriftLog,
    private readonly staged: StagedOrders,
    private readonly subscriptions: Subscriptions,
    metrics: Metrics,
  ) {
    this.runs = metrics.counter('reconciliation_runs_total', 'Finished runs by result', ['state', 'trigger'])
  }

  /** Leaves a run at work as it is; whoever starts next takes it up. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort()
    await this.working
  }

  /** Returns when no run is left that this process could carry out. */
  async runPending(onProgress?: (progress: RunProgress) => void): Promise<void> {
    if (this.stopping.signal.aborted) return
    const work = this.locks.tryWith('reconciliation', () => this.locked(onProgress)).then(() => undefined)
    const settled = work.catch(() => undefined)
    this.working = Promise.all([this.working, settled]).then(() => undefined)
    await work
  }

  private async locked(onProgress: (progress: RunProgress) => void = () => undefined): Promise<void> {
    for (;;) {
      const run = await this.prisma.reconciliationRun.findFirst({ where: { state: 'RUNNING' } })
      if (!run) return
      try {
        await this.carryOut(run, onProgress)
      } catch (error) {
        if (error instanceof Stopped) return
        this.logger.error({ err: error, runId: run.id }, 'reconciliation broke off')
        await this.finish(run, error instanceof Error ? error.message : String(error))
      }
    }
  }

  private async carryOut(run: ReconciliationRun, onProgress: (progress: RunProgress) => void): Promise<void> {
    if (run.attempts >= ATTEMPTS) return this.finish(run, `it ended before its time ${ATTEMPTS} times`)
    await this.staged.clearAll()
    await this.drifts.forgetOpen(run.id, run.position)
    const total = await this.prisma.event.count({ where: { ...scopeOf(run) } })
    await this.update(run, { attempts: { increment: 1 }, eventsTotal: total })
    if (run.trigger === 'NIGHTLY') await this.subscriptions.ensureAll()
    const { signal } = this.stopping
    let { position, eventsDone: done } = run
    for (;;) {
      goOn(signal)
      const behind = position === null ? {} : { id: { gt: position } }
      const where = { AND: [scopeOf(run), behind] }
      const event = await this.prisma.event.findFirst({ where, orderBy: { id: 'asc' }, select: { id: true } })
      if (!event) break
      await this.checkEvent(run, event.id, signal)
      position = event.id
      done += 1
      await this.update(run, { position, eventsDone: done })
      onProgress({ runId: run.id, done, total })
    }
    await this.finish(run, null)
  }

  private async checkEvent({ id: runId, dryRun, trigger }: ReconciliationRun, eventId: string, signal: AbortSignal) {
    const sink: DriftSink = (found) => this.drifts.add(runId, found, dryRun)
    const cause: RebuildCause = trigger === 'NIGHTLY' ? 'nightly' : 'operator'
    await this.events.check(eventId, cause, { dryRun, sink, signal })
    if (!dryRun) await this.drifts.alertOpen(runId, eventId)
  }

  private async finish(run: ReconciliationRun, reason: string | null): Promise<void> {
    const state = reason === null ? ('SUCCEEDED' as const) : ('FAILED' as const)
    await this.update(run, { state, reason, finishedAt: new Date() })
    this.runs.inc({ state, trigger: run.trigger })
    this.logger.log({ runId: run.id, state, reason, dryRun: run.dryRun }, 'reconciliation finished')
  }

  private async update({ id }: ReconciliationRun, data: Prisma.ReconciliationRunUpdateInput): Promise<void> {
    await this.prisma.reconciliationRun.update({ where: { id }, data })
  }
}

/** One event is compared in any state, all events until some time after they were closed. */
function scopeOf({ eventId, startedAt }: ReconciliationRun): Prisma.EventWhereInput {
  return eventId === null ? lookedAfter(startedAt) : { id: eventId }
}

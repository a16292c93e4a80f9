import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Prisma, ReconciliationRun } from '../generated/prisma/client.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { liveEvents } from '../inventory/live-events.js'
import type { RebuildCause } from '../inventory/rebuild.js'
import { Subscriptions } from '../webhooks/subscriptions.js'
import type { DriftSink } from './drift.js'
import { DriftLog } from './drift-log.js'
import { EventCheck } from './event-check.js'
import { StagedOrders } from './staged-orders.js'
import { RunLimits } from './run-limits.js'
import { goOn, pause, Stopped, RunDeadlineExceeded, withDeadline } from './run-deadline.js'

export interface RunProgress {
  runId: string
  done: number
  total: number
}

/** A run that broke off so often at the same event ends for good. */
const ATTEMPTS = 5
/** What made a run break off (a database that is busy, most often) has so long to pass, ms. */
const RETRY_MS = 2_000

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
    private readonly limits: RunLimits,
    metrics: Metrics,
  ) {
    this.runs = metrics.counter('reconciliation_runs_total', 'Finished runs by result', ['state', 'trigger'])
  }

  /** Leaves a run at work as it is; whoever starts next takes it up. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort()
    await this.working
  }

  /** Returns when no run is left that this process could carry out. One call after the other. */
  async runPending(onProgress: (progress: RunProgress) => void = () => undefined): Promise<void> {
    const work = this.working.then(() => this.work(onProgress))
    this.working = work.catch(() => undefined)
    await work
  }

  private async work(onProgress: (progress: RunProgress) => void): Promise<void> {
    const { signal } = this.stopping
    try {
      goOn(signal)
      // The lock is given back before a run is tried again: its connection may be what was lost.
      while (await this.locks.tryWith('reconciliation', (lost) => this.brokeOff(onProgress, lost))) {
        await pause(RETRY_MS, signal)
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    }
  }

  /** False: no run is left. True: one broke off, and goes on behind the last event that was done. @throws Stopped */
  private async brokeOff(onProgress: (progress: RunProgress) => void, lost: AbortSignal): Promise<boolean> {
    const signal = AbortSignal.any([this.stopping.signal, lost])
    for (;;) {
      const run = await this.prisma.reconciliationRun.findFirst({ where: { state: 'RUNNING' } })
      if (!run) return false
      try {
        const leftMs = run.startedAt.getTime() + this.limits.runMs - Date.now()
        await withDeadline(leftMs, signal, (within) => this.carryOut(run, onProgress, within))
      } catch (error) {
        if (error instanceof RunDeadlineExceeded) {
          await this.finish(run, `it was not done within ${this.limits.runMs / 1_000} s`)
          continue
        }
        goOn(this.stopping.signal)
        this.logger.error({ err: error, runId: run.id }, 'reconciliation broke off')
        // Whoever holds the lock now tells of the run.
        if (!lost.aborted) await this.update(run, { reason: lastLine(error) })
        return true
      }
    }
  }

  private async carryOut(
    run: ReconciliationRun,
    onProgress: (progress: RunProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (run.attempts >= ATTEMPTS) {
      const last = run.reason === null ? '' : `, last because of: ${run.reason}`
      return this.finish(run, `it broke off ${ATTEMPTS} times at the same event${last}`)
    }
    await this.staged.clearAll()
    await this.drifts.forgetOpen(run.id, run.position)
    const total = await this.prisma.event.count({ where: { ...scopeOf(run) } })
    await this.update(run, { attempts: { increment: 1 }, eventsTotal: total })
    if (run.trigger === 'NIGHTLY') await this.subscriptions.ensureAll()
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
      await this.update(run, { position, eventsDone: done, attempts: 0 })
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

/** Errors of the database begin with the code that met them. */
function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n').at(-1) ?? text
}

/** One event is compared in any state, all events until some time after they ended or were closed. */
function scopeOf({ eventId, startedAt }: ReconciliationRun): Prisma.EventWhereInput {
  return eventId === null ? liveEvents(startedAt) : { id: eventId }
}

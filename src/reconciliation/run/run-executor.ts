import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import type { RebuildCause } from '../../stock/gate/rebuild.js'
import { Subscriptions } from '../../inbound/subscriptions/subscriptions.js'
import type { DriftSink } from '../drift/drift.js'
import { DriftLog } from '../drift/drift-log.js'
import { EventCheck } from '../checks/event-check.js'
import { StagedOrders } from '../orders/staged-orders.js'
import { checkConcurrently } from './concurrent-events.js'
import { RunLimits } from './run-limits.js'
import { RunPosition } from './run-position.js'
import { RunStore, type ReconciliationRun } from './run-store.js'
import { throwIfStopped, pause, RunStopped, RunDeadlineExceeded, withDeadline } from './run-deadline.js'

export interface RunProgress {
  runId: string
  done: number
  total: number
}

/** Aborts at the same event after which a run fails permanently. */
const MAX_ATTEMPTS = 5
/** Events that are compared at the same time: enough for each platform to have listings while another one is behind. */
const EVENTS_AT_ONCE = 100
/** Delay before an aborted run is resumed, ms; most causes, like a busy database, are transient. */
const RETRY_MS = 2_000

/**
 * Executes the run that is RUNNING, unless another process does. A run that a crashed process left is resumed after the last
 * event that was completed.
 */
@Injectable()
export class RunExecutor implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Reconciliation')
  private readonly stopping = new AbortController()
  private current: Promise<void> = Promise.resolve()
  private readonly finishedRuns

  constructor(
    private readonly runs: RunStore,
    private readonly locks: Locks,
    private readonly events: EventCheck,
    private readonly drifts: DriftLog,
    private readonly staged: StagedOrders,
    private readonly subscriptions: Subscriptions,
    private readonly limits: RunLimits,
    private readonly clock: Clock,
    private readonly timers: Timers,
    metrics: Metrics,
  ) {
    this.finishedRuns = metrics.counter('reconciliation_runs_total', 'Finished reconciliation runs by result', [
      'state',
      'trigger',
    ])
  }

  /** Leaves a run in progress as it is; the next process resumes it. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort()
    await this.current
  }

  /** Resolves when no run is left that this process could execute. Calls are serialized. */
  async runPending(onProgress: (progress: RunProgress) => void = () => undefined): Promise<void> {
    const work = this.current.then(() => this.work(onProgress))
    this.current = work.catch(() => undefined)
    await work
  }

  private async work(onProgress: (progress: RunProgress) => void): Promise<void> {
    const { signal } = this.stopping
    try {
      throwIfStopped(signal)
      // The lock is released before a run is resumed: its connection may be what was lost.
      while (await this.locks.tryWith('reconciliation', (lost) => this.executeUntilAborted(onProgress, lost))) {
        await pause(RETRY_MS, signal, this.timers)
      }
    } catch (error) {
      if (!(error instanceof RunStopped)) throw error
    }
  }

  /** Returns false if no run is left, true if one was aborted and is to be resumed. @throws RunStopped */
  private async executeUntilAborted(onProgress: (progress: RunProgress) => void, lost: AbortSignal): Promise<boolean> {
    const signal = AbortSignal.any([this.stopping.signal, lost])
    for (;;) {
      const run = await this.runs.running()
      if (!run) return false
      try {
        const remainingMs = run.startedAt.getTime() + this.limits.runMs - this.clock.now().getTime()
        const work = (runSignal: AbortSignal) => this.execute(run, onProgress, runSignal)
        await withDeadline(remainingMs, signal, work, this.timers)
      } catch (error) {
        if (error instanceof RunDeadlineExceeded) {
          await this.finish(run, `not done within ${this.limits.runMs / 1_000} s`)
          continue
        }
        throwIfStopped(this.stopping.signal)
        this.logger.error({ err: error, runId: run.id }, 'reconciliation run aborted')
        // Without the lock another process may own the run by now.
        if (!lost.aborted) await this.runs.update(run.id, { reason: lastLine(error) })
        return true
      }
    }
  }

  private async execute(
    run: ReconciliationRun,
    onProgress: (progress: RunProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (run.attempts >= MAX_ATTEMPTS) {
      const cause = run.reason === null ? '' : `, last because of: ${run.reason}`
      return this.finish(run, `aborted ${MAX_ATTEMPTS} times at the same event${cause}`)
    }
    await this.staged.clearAll()
    await this.drifts.deleteOpen(run.id, run.position)
    const total = await this.runs.countEvents(run)
    await this.runs.startAttempt(run.id, total)
    if (run.trigger === 'NIGHTLY') await this.subscriptions.ensureAll()
    await this.checkEvents(run, (done) => onProgress({ runId: run.id, done, total }), signal)
    await this.finish(run, null)
  }

  /** The position is stored after each event that advances it, in that order. */
  private async checkEvents(
    run: ReconciliationRun,
    onDone: (done: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const position = new RunPosition(run.position, run.eventsDone)
    let stored: Promise<void> = Promise.resolve()
    const limits = { limit: EVENTS_AT_ONCE, after: run.position, signal }
    const next = (after: string | null) => this.runs.nextEvent(run, after)
    await checkConcurrently(limits, next, async (eventId, within) => {
      position.start(eventId)
      await this.checkEvent(run, eventId, within)
      if (position.complete(eventId) === 0) return
      stored = stored.then(() => this.runs.update(run.id, { ...position.current, attempts: 0 }))
      await stored
      onDone(position.current.eventsDone)
    })
  }

  private async checkEvent({ id: runId, dryRun, trigger }: ReconciliationRun, eventId: string, signal: AbortSignal) {
    const sink: DriftSink = (found) => this.drifts.add(runId, found, dryRun)
    const cause: RebuildCause = trigger === 'NIGHTLY' ? 'nightly' : 'operator'
    await this.events.check(eventId, cause, { dryRun, sink, signal })
    if (!dryRun) await this.drifts.alertOpen(runId, eventId)
  }

  private async finish(run: ReconciliationRun, reason: string | null): Promise<void> {
    const state = reason === null ? ('SUCCEEDED' as const) : ('FAILED' as const)
    await this.runs.update(run.id, { state, reason, finishedAt: this.clock.now() })
    this.finishedRuns.inc({ state, trigger: run.trigger })
    this.logger.log({ runId: run.id, state, reason, dryRun: run.dryRun }, 'reconciliation run finished')
  }
}

/** Messages of database errors start with the code that caused them; the last line states the error. */
function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n').at(-1) ?? text
}

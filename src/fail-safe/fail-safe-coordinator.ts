import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import type { InstanceRole } from '../infrastructure/instances/instances.js'
import { ServiceState } from '../infrastructure/instances/service-state.js'
import { Locks } from '../infrastructure/locks/locks.js'
import { RedisHealth } from '../infrastructure/redis/redis-health.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { Outbound } from '../platforms/outbound.js'
import { CLAIM_MS } from '../platforms/throttle/claim.js'
import { BudgetClaims } from './close/budget-claims.js'
import { EmergencyClose } from './close/emergency-close.js'
import { GateRebuildStep } from './recover/gate-rebuild-step.js'
import { InstanceReports } from './instance-reports.js'
import { ModeChangeNotifier } from './mode-change-notifier.js'
import { ModeStore, type StoredMode } from '../system-mode/mode-store.js'
import { OutageSweep } from './recover/outage-sweep.js'
import { Recovery } from './recover/recovery.js'
import { RedisWatch } from '../system-mode/redis-watch.js'
import { SystemMode } from '../system-mode/system-mode.js'

const REPORT_INTERVAL_MS = 100
const COORDINATE_INTERVAL_MS = 200
const PENDING_SWEEP_INTERVAL_MS = 10_000
/** How long a turn waits for pending sweeps; they continue in the background. */
const PENDING_SWEEP_TIMEOUT_MS = 5_000
const LOCK = 'fail-safe'

/**
 * Every process reports whether it reaches Redis. One process at a time, the leader, closes the channels while
 * fail-safe mode lasts, runs the recovery, and rebuilds what a restarted or replaced Redis has lost.
 */
@Injectable()
export class FailSafeCoordinator implements BeforeApplicationShutdown {
  private readonly logger = new Logger('FailSafe')
  private started: Promise<void> | null = null
  private readonly loops: Repeating[] = []
  private readonly shutdown = new AbortController()
  private sweptAt = Number.NEGATIVE_INFINITY
  private allClosedRound: number | null = null

  constructor(
    private readonly config: Config,
    private readonly locks: Locks,
    private readonly state: ServiceState,
    private readonly watch: RedisWatch,
    private readonly reports: InstanceReports,
    private readonly mode: SystemMode,
    private readonly store: ModeStore,
    private readonly notifier: ModeChangeNotifier,
    private readonly outbound: Outbound,
    private readonly budgets: BudgetClaims,
    private readonly emergencyClose: EmergencyClose,
    private readonly recovery: Recovery,
    private readonly gateRebuild: GateRebuildStep,
    private readonly outageSweep: OutageSweep,
    private readonly redisHealth: RedisHealth,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** Resolves once this process knows whether Redis is reachable and which mode is stored. */
  start(role: InstanceRole = this.config.role): Promise<void> {
    this.started ??= this.startLoops(role)
    return this.started
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.shutdown.abort()
    await Promise.all(this.loops.map((loop) => loop.stop()))
    if (this.started) await this.reports.leave()
  }

  private async startLoops(role: InstanceRole): Promise<void> {
    await this.watch.start()
    void this.warnAboutDataLoss()
    const logFailure = (what: string) => (error: unknown) =>
      this.logger.warn({ err: error }, `${what} failed; will retry`)
    this.loops.push(
      repeatEvery(this.timers, REPORT_INTERVAL_MS, () => this.reports.report(role), logFailure('instance report')),
      repeatEvery(this.timers, COORDINATE_INTERVAL_MS, () => this.coordinate(), logFailure('fail-safe coordination')),
    )
  }

  private async warnAboutDataLoss(): Promise<void> {
    try {
      for (const finding of await this.redisHealth.durabilityFindings()) this.logger.warn(finding)
    } catch (error) {
      this.logger.debug({ err: error }, 'Redis durability settings are not readable')
    }
  }

  private async coordinate(): Promise<void> {
    const stored = await this.mode.recent(COORDINATE_INTERVAL_MS)
    const sweepDue = this.clock.monotonicMs() - this.sweptAt >= PENDING_SWEEP_INTERVAL_MS
    if (stored.mode === 'NORMAL') this.outbound.claimBudgets('share')
    if (stored.mode === 'NORMAL' && !this.gateRebuild.seemsDue(stored) && !sweepDue) return
    const result = await this.locks.tryLead(LOCK, async (lost) => {
      await this.lead(lost)
      return true
    })
    // Another process leads and is closing all channels: this one must not call any platform.
    this.outbound.claimBudgets(result === null && stored.mode === 'FAIL_SAFE' ? 'none' : 'share')
  }

  /**
   * Leads until fail-safe mode ends, so that closing has the platforms' whole budgets. After a pause another process may
   * lead, though this one does not know yet that its lock is lost: it has to take the lock again.
   */
  private async lead(lost: AbortSignal): Promise<void> {
    for (;;) {
      const stored = await this.store.read()
      await this.runTurn(stored)
      const doneAt = this.clock.monotonicMs()
      if (stored.mode === 'NORMAL' || this.isOver(lost)) return
      await this.timers.sleep(COORDINATE_INTERVAL_MS)
      await this.mode.refresh()
      if (this.isOver(lost) || this.clock.monotonicMs() - doneAt >= CLAIM_MS) return
    }
  }

  private isOver(lost: AbortSignal): boolean {
    return lost.aborted || this.shutdown.signal.aborted || this.state.outOfService !== null
  }

  private async runTurn(stored: StoredMode): Promise<void> {
    if (stored.mode === 'FAIL_SAFE') {
      if (this.mayRecover(stored)) return this.recover(stored)
      return this.close(stored)
    }
    if (this.gateRebuild.seemsDue(stored) && (await this.gateRebuild.isDue(stored))) {
      if (stored.redisIdentity !== null) {
        this.logger.warn('Redis lost state; rebuilding gates and re-reading recent sales')
      }
      await this.gateRebuild.rebuildAll('failover')
      await this.outageSweep.sweepAll()
    }
    this.sweptAt = this.clock.monotonicMs()
    if (!this.watch.unavailable) await this.outageSweep.sweepPending(PENDING_SWEEP_TIMEOUT_MS)
  }

  private mayRecover({ forced, redisFailedAt }: StoredMode): boolean {
    const { recoveryMs } = this.config.failSafe
    const sinceFailureMs = this.clock.now().getTime() - (redisFailedAt?.getTime() ?? 0)
    return (
      !forced && this.watch.observation !== null && this.watch.steadyMs >= recoveryMs && sinceFailureMs >= recoveryMs
    )
  }

  private async close(stored: StoredMode): Promise<void> {
    const { round, since } = stored
    await this.budgets.takeWhole(stored)
    const open = await this.emergencyClose.startRound()
    if (open > 0) this.allClosedRound = null
    else if (this.allClosedRound !== round) {
      this.allClosedRound = round
      this.logger.log({ afterMs: this.clock.now().getTime() - since.getTime() }, 'all platforms are waitlist only')
    }
  }

  private async recover(stored: StoredMode): Promise<void> {
    this.budgets.noteOther(stored)
    const change = await this.recovery.run(stored)
    await this.mode.refresh()
    if (change) await this.notifier.notify('recovered', change)
  }
}

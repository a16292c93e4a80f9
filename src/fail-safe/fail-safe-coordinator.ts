import { setTimeout as sleep } from 'node:timers/promises'
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import type { InstanceRole } from '../infrastructure/instances/instances.js'
import { ServiceState } from '../infrastructure/instances/service-state.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { InjectRedis } from '../infrastructure/redis/redis-clients.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { Outbound } from '../platforms/outbound.js'
import { EmergencyClose } from './emergency-close.js'
import { GateRebuildStep } from './gate-rebuild-step.js'
import { InstanceReports } from './instance-reports.js'
import { ModeChangeNotifier } from './mode-change-notifier.js'
import { ModeStore, type StoredMode } from './mode-store.js'
import { OutageSweep } from './outage-sweep.js'
import { durabilityFindings } from './redis-durability.js'
import { Recovery } from './recovery.js'
import { RedisWatch } from './redis-watch.js'
import { SystemMode } from './system-mode.js'

const REPORT_EVERY_MS = 100
const WORK_EVERY_MS = 200
const LEFT_BEHIND_EVERY_MS = 10_000
/** For so long a turn waits for what was left behind; it goes on by itself. */
const LEFT_BEHIND_WITHIN_MS = 5_000
const LOCK = 'fail-safe'

/**
 * What every process does about the mode: it reports whether Redis answers it; and one process at a time closes the
 * channels while the mode lasts, leads the way back, and renews what a Redis that changed has forgotten.
 */
@Injectable()
export class FailSafeCoordinator implements BeforeApplicationShutdown {
  private readonly logger = new Logger('FailSafe')
  private started: Promise<void> | null = null
  private readonly loops: Repeating[] = []
  private readonly ended = new AbortController()
  private sweptAt = Number.NEGATIVE_INFINITY
  private closedRound: number | null = null

  constructor(
    private readonly config: Config,
    private readonly locks: AdvisoryLock,
    private readonly state: ServiceState,
    private readonly watch: RedisWatch,
    private readonly reports: InstanceReports,
    private readonly mode: SystemMode,
    private readonly store: ModeStore,
    private readonly news: ModeChangeNotifier,
    private readonly outbound: Outbound,
    private readonly closing: EmergencyClose,
    private readonly recovery: Recovery,
    private readonly gates: GateRebuildStep,
    private readonly sweep: OutageSweep,
    @InjectRedis('health') private readonly redis: RedisClient,
  ) {}

  /** Resolves once this process knows whether Redis answers and which mode is stored. */
  start(role: InstanceRole = this.config.role): Promise<void> {
    this.started ??= this.begin(role)
    return this.started
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.ended.abort()
    await Promise.all(this.loops.map((loop) => loop.stop()))
    if (this.started) await this.reports.end()
  }

  private async begin(role: InstanceRole): Promise<void> {
    await this.watch.start()
    void this.warnOfLosses()
    const failed = (what: string) => (error: unknown) =>
      this.logger.warn({ err: error }, `${what} failed, it is repeated`)
    this.loops.push(
      repeatEvery(REPORT_EVERY_MS, () => this.reports.report(role), failed('the report of this instance')),
      repeatEvery(WORK_EVERY_MS, () => this.work(), failed('a turn of fail-safe mode')),
    )
  }

  private async warnOfLosses(): Promise<void> {
    try {
      for (const finding of await durabilityFindings(this.redis)) this.logger.warn(finding)
    } catch (error) {
      this.logger.debug({ err: error }, 'Redis does not tell what it may lose')
    }
  }

  private async work(): Promise<void> {
    const stored = await this.mode.refresh()
    const behind = performance.now() - this.sweptAt >= LEFT_BEHIND_EVERY_MS
    if (stored.mode === 'NORMAL') this.outbound.claimBudgets('share')
    if (stored.mode === 'NORMAL' && !this.gates.seemsDue(stored) && !behind) return
    const led = await this.locks.tryLead(LOCK, async (lost) => {
      await this.lead(lost)
      return true
    })
    // Another process leads: while it closes everything, this one calls no platform.
    this.outbound.claimBudgets(led === null && stored.mode === 'FAIL_SAFE' ? 'none' : 'share')
  }

  /** One process leads for as long as the mode lasts, so that it has the platforms' whole budgets for the closings. */
  private async lead(lost: AbortSignal): Promise<void> {
    for (;;) {
      const stored = await this.store.read()
      await this.turn(stored)
      if (stored.mode === 'NORMAL' || lost.aborted || this.ended.signal.aborted || this.state.outOfService) return
      await sleep(WORK_EVERY_MS)
      await this.mode.refresh()
    }
  }

  private async turn(stored: StoredMode): Promise<void> {
    if (stored.mode === 'FAIL_SAFE') {
      if (this.mayRecover(stored)) return this.recover(stored)
      return this.close(stored)
    }
    if (this.gates.seemsDue(stored) && (await this.gates.isDue(stored))) {
      if (stored.redisIdentity !== null) {
        this.logger.warn('Redis was restarted, replaced or emptied: its gates and what it may have lost are read anew')
      }
      await this.gates.renew('failover')
      await this.sweep.sweepAll()
    }
    this.sweptAt = performance.now()
    if (!this.watch.away) await this.sweep.sweepWaiting(LEFT_BEHIND_WITHIN_MS)
  }

  private mayRecover({ forced, redisFailedAt }: StoredMode): boolean {
    const { recoveryMs } = this.config.failSafe
    const quietMs = Date.now() - (redisFailedAt?.getTime() ?? 0)
    return !forced && this.watch.sight !== null && this.watch.steadyMs >= recoveryMs && quietMs >= recoveryMs
  }

  private async close({ round, since }: StoredMode): Promise<void> {
    this.outbound.claimBudgets('whole')
    const left = await this.closing.round()
    if (left > 0) this.closedRound = null
    else if (this.closedRound !== round) {
      this.closedRound = round
      this.logger.log({ afterMs: Date.now() - since.getTime() }, 'all platforms are waitlist only')
    }
  }

  private async recover(stored: StoredMode): Promise<void> {
    const change = await this.recovery.run(stored)
    await this.mode.refresh()
    if (change) await this.news.tell('recovered', change)
  }
}

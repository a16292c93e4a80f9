import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { InjectRedis } from '../infrastructure/redis/redis-clients.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { ChannelClosing } from './channel-closing.js'
import { GateRenewal } from './gate-renewal.js'
import { ModeNews } from './mode-news.js'
import { ModeStore, type StoredMode } from './mode-store.js'
import { OutageSweep } from './outage-sweep.js'
import { durabilityFindings } from './redis-durability.js'
import { Recovery } from './recovery.js'
import { RedisWatch } from './redis-watch.js'
import { SystemMode } from './system-mode.js'

const REPORT_EVERY_MS = 100
const REPORT_AGAIN_MS = 1_000
const WORK_EVERY_MS = 200
const LEFT_BEHIND_EVERY_MS = 10_000
const LOCK = 'fail-safe'

/**
 * What every process does about the mode. It reports that Redis does not answer; and one process at a time closes the
 * channels while the mode lasts, leads the way back, and renews what a Redis that changed has forgotten.
 */
@Injectable()
export class FailSafeDuty implements BeforeApplicationShutdown {
  private readonly logger = new Logger('FailSafe')
  private started: Promise<void> | null = null
  private readonly loops: Repeating[] = []
  private reportedAt = Number.NEGATIVE_INFINITY
  private sweptAt = Number.NEGATIVE_INFINITY
  private closedRound: number | null = null

  constructor(
    private readonly config: Config,
    private readonly locks: AdvisoryLock,
    private readonly watch: RedisWatch,
    private readonly mode: SystemMode,
    private readonly store: ModeStore,
    private readonly news: ModeNews,
    private readonly closing: ChannelClosing,
    private readonly recovery: Recovery,
    private readonly gates: GateRenewal,
    private readonly sweep: OutageSweep,
    @InjectRedis('health') private readonly redis: RedisClient,
  ) {}

  /** Resolves once this process knows whether Redis answers and which mode is stored. */
  start(): Promise<void> {
    this.started ??= this.begin()
    return this.started
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()))
  }

  private async begin(): Promise<void> {
    await this.watch.start()
    void this.warnOfLosses()
    const failed = (what: string) => (error: unknown) =>
      this.logger.warn({ err: error }, `${what} failed, it is repeated`)
    this.loops.push(
      repeatEvery(REPORT_EVERY_MS, () => this.report(), failed('storing the mode')),
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

  private async report(): Promise<void> {
    if (!this.watch.gone || performance.now() - this.reportedAt < REPORT_AGAIN_MS) return
    const change = await this.store.unanswered(`Redis does not answer: ${this.watch.why}`)
    this.reportedAt = performance.now()
    await this.mode.refresh()
    await this.news.tell('redis', change)
  }

  private async work(): Promise<void> {
    const stored = await this.mode.refresh()
    const behind = performance.now() - this.sweptAt >= LEFT_BEHIND_EVERY_MS
    if (stored.mode === 'NORMAL' && !this.gates.seemsDue(stored) && !behind) return
    await this.locks.tryWith(LOCK, async () => this.turn(await this.store.read()))
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
    if (!this.watch.away) await this.sweep.sweepWaiting()
  }

  private mayRecover({ forced, unansweredAt }: StoredMode): boolean {
    const { recoveryMs } = this.config.failSafe
    const quietMs = Date.now() - (unansweredAt?.getTime() ?? 0)
    return !forced && this.watch.sight !== null && this.watch.steadyMs >= recoveryMs && quietMs >= recoveryMs
  }

  private async close({ round, since }: StoredMode): Promise<void> {
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

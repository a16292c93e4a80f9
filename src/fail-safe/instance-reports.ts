import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { Readiness } from '../infrastructure/health/readiness.js'
import { Instances, type InstanceRole } from '../infrastructure/instances/instances.js'
import { ServiceState } from '../infrastructure/instances/service-state.js'
import { ModeChangeNotifier } from './mode-change-notifier.js'
import { ModeStore } from './mode-store.js'
import { RedisWatch } from './redis-watch.js'
import { assessRedis, type RedisAssessment } from './redis-assessment.js'
import { SystemMode } from './system-mode.js'

const BEAT_MS = 1_000
const BEAT_WHILE_GONE_MS = 300
const STORE_AGAIN_MS = 1_000
/** Others may be about to notice the same. */
const ISOLATED_AFTER_MS = 1_000
const ALERT_AFTER_MS = 10_000

/**
 * What this process reports of Redis, and what follows from what all report: fail-safe mode where a majority does not
 * reach it; else an instance that does not reach it takes itself out of service, and closes nothing.
 */
@Injectable()
export class InstanceReports {
  private readonly logger = new Logger('FailSafe')
  private beatAt = Number.NEGATIVE_INFINITY
  private storedAt = Number.NEGATIVE_INFINITY
  private reportedOk: boolean | null = null
  /** Since when this instance alone does not reach Redis, `performance.now()`. */
  private isolatedSince: number | null = null
  private alerted = false

  constructor(
    private readonly instances: Instances,
    private readonly state: ServiceState,
    private readonly watch: RedisWatch,
    private readonly store: ModeStore,
    private readonly mode: SystemMode,
    private readonly news: ModeChangeNotifier,
    private readonly alerts: AlertService,
    readiness: Readiness,
  ) {
    readiness.register('instance', async () => {
      if (state.outOfService) throw new Error(state.outOfService)
    })
  }

  /** One look: a sign of life where it is due, and what follows. Rejects when PostgreSQL does not answer. */
  async report(role: InstanceRole): Promise<void> {
    const redisOk = !this.watch.gone
    // An instance that does not know yet is no witness.
    if (redisOk && this.watch.away) return
    const pauseMs = redisOk ? BEAT_MS : BEAT_WHILE_GONE_MS
    if (redisOk === this.reportedOk && performance.now() - this.beatAt < pauseMs) return
    const why = redisOk ? null : this.watch.why
    const live = await this.instances.beat({ role, redisOk, redisCheckedAt: this.watch.lastAnswer, why })
    this.beatAt = performance.now()
    this.reportedOk = redisOk
    const verdict = assessRedis(this.instances.id, { redisOk, why: this.watch.why }, live)
    await this.act(verdict, this.instances.nameOf(role))
  }

  async end(): Promise<void> {
    await this.instances.leave().catch((error: unknown) => {
      this.logger.debug({ err: error }, 'this instance could not sign off, and counts for some seconds more')
    })
  }

  private async act(verdict: RedisAssessment, name: string): Promise<void> {
    if (verdict.kind === 'ISOLATED') await this.isolate(verdict.reason, name)
    else await this.rejoin(name)
    if (verdict.kind !== 'GONE' || performance.now() - this.storedAt < STORE_AGAIN_MS) return
    const change = await this.store.unanswered(verdict.reason)
    this.storedAt = performance.now()
    await this.mode.refresh()
    await this.news.tell('redis', change)
  }

  private async isolate(reason: string, name: string): Promise<void> {
    const now = performance.now()
    this.isolatedSince ??= now
    if (now - this.isolatedSince < ISOLATED_AFTER_MS) return
    if (!this.state.outOfService) this.logger.error({ instance: name, reason }, 'this instance is out of service')
    this.state.takeOut(`${name}: ${reason}`)
    if (this.alerted || now - this.isolatedSince < ALERT_AFTER_MS) return
    const detail = `${name} is out of service, the other instances go on: ${reason}. Repair its way to Redis, or end it.`
    await this.alerts.raise({ kind: 'FAIL_SAFE', about: `instance ${name}`, detail })
    this.alerted = true
  }

  private async rejoin(name: string): Promise<void> {
    if (this.state.outOfService) this.logger.log({ instance: name }, 'this instance is in service again')
    this.state.takeOut(null)
    this.isolatedSince = null
    if (!this.alerted) return
    await this.alerts.resolve({ kind: 'FAIL_SAFE', about: `instance ${name}` })
    this.alerted = false
  }
}

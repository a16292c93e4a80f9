import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { Readiness } from '../infrastructure/health/readiness.js'
import { Instances, type InstanceRole } from '../infrastructure/instances/instances.js'
import { ServiceState } from '../infrastructure/instances/service-state.js'
import { Clock } from '../infrastructure/time/clock.js'
import { ModeChangeNotifier } from './mode-change-notifier.js'
import { ModeTransitions } from '../system-mode/mode-transitions.js'
import { RedisWatch } from '../system-mode/redis-watch.js'
import { assessRedis, type RedisAssessment } from './redis-assessment.js'
import { SystemMode } from '../system-mode/system-mode.js'

const HEARTBEAT_MS = 1_000
const UNREACHABLE_HEARTBEAT_MS = 300
const MODE_STORE_INTERVAL_MS = 1_000
/** Other instances may be about to detect the same failure. */
const ISOLATED_AFTER_MS = 1_000
const ALERT_AFTER_MS = 10_000

/**
 * Reports whether this process reaches Redis and acts on the reports of all instances: fail-safe mode if a majority does
 * not reach it. Otherwise an instance that does not reach it goes out of service and closes no channel.
 */
@Injectable()
export class InstanceReports {
  private readonly logger = new Logger('FailSafe')
  private lastHeartbeatAt = Number.NEGATIVE_INFINITY
  private modeStoredAt = Number.NEGATIVE_INFINITY
  private reportedOk: boolean | null = null
  /** Since when only this instance does not reach Redis, `Clock.monotonicMs`. */
  private isolatedSince: number | null = null
  private alerted = false

  constructor(
    private readonly instances: Instances,
    private readonly state: ServiceState,
    private readonly watch: RedisWatch,
    private readonly transitions: ModeTransitions,
    private readonly mode: SystemMode,
    private readonly notifier: ModeChangeNotifier,
    private readonly alerts: AlertService,
    private readonly clock: Clock,
    readiness: Readiness,
  ) {
    readiness.register('instance', async () => {
      if (state.outOfService) throw new Error(state.outOfService)
    })
  }

  /** Sends a heartbeat if one is due and acts on the result. Rejects when PostgreSQL is unavailable. */
  async report(role: InstanceRole): Promise<void> {
    const redisOk = !this.watch.unreachable
    // Not known yet: no vote.
    if (redisOk && this.watch.unavailable) return
    const pauseMs = redisOk ? HEARTBEAT_MS : UNREACHABLE_HEARTBEAT_MS
    if (redisOk === this.reportedOk && this.clock.monotonicMs() - this.lastHeartbeatAt < pauseMs) return
    const lastError = redisOk ? null : this.watch.lastError
    const live = await this.instances.heartbeat({ role, redisOk, redisCheckedAt: this.watch.lastResponseAt, lastError })
    this.lastHeartbeatAt = this.clock.monotonicMs()
    this.reportedOk = redisOk
    const assessment = assessRedis(this.instances.id, { redisOk, lastError: this.watch.lastError }, live)
    await this.applyAssessment(assessment, this.instances.nameOf(role))
  }

  async leave(): Promise<void> {
    await this.instances.leave().catch((error: unknown) => {
      this.logger.debug({ err: error }, 'failed to deregister this instance; it counts as live for a few more seconds')
    })
  }

  private async applyAssessment(assessment: RedisAssessment, name: string): Promise<void> {
    if (assessment.kind === 'ISOLATED') await this.isolate(assessment.reason, name)
    else await this.rejoin(name)
    if (assessment.kind !== 'UNREACHABLE') return
    if (this.clock.monotonicMs() - this.modeStoredAt < MODE_STORE_INTERVAL_MS) return
    const change = await this.transitions.recordRedisUnreachable(assessment.reason)
    this.modeStoredAt = this.clock.monotonicMs()
    await this.mode.refresh()
    await this.notifier.notify('redis', change)
  }

  private async isolate(reason: string, name: string): Promise<void> {
    const now = this.clock.monotonicMs()
    this.isolatedSince ??= now
    if (now - this.isolatedSince < ISOLATED_AFTER_MS) return
    if (!this.state.outOfService) this.logger.error({ instance: name, reason }, 'this instance is out of service')
    this.state.takeOut(`${name}: ${reason}`)
    if (this.alerted || now - this.isolatedSince < ALERT_AFTER_MS) return
    const detail = `${name} is out of service; the other instances continue: ${reason}. Restore its connection to Redis or stop it.`
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

import { Injectable, Logger } from '@nestjs/common'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Locks } from '../infrastructure/locks/locks.js'
import { Timers } from '../infrastructure/time/timers.js'
import { withTimeout } from '../infrastructure/time/with-timeout.js'
import { AlertStore } from '../alerts/alert-store.js'
import { AlertService, keyOf } from '../alerts/alert.service.js'
import { AccessRefused } from './access-refused.js'
import type { AlertCondition } from './alert-condition.js'
import { AlertResolver, type Resolution } from './alert-resolver.js'
import { ListingGone } from './listing-gone.js'
import { NotClosed } from './not-closed.js'
import { NotImported } from './not-imported.js'
import { ReadsOverdue } from './reads-overdue.js'
import { SignaturesRefused } from './signatures-refused.js'
import { TaskOverdue } from './task-overdue.js'
import { WebhooksMissing } from './webhooks-missing.js'

const CHECK_INTERVAL_MS = 5_000
const DEADLINE_MS = 10_000
/** Minimum age of alerts to resolve, ms: an evaluation must not resolve an alert raised while it was in progress. */
const MIN_ALERT_AGE_MS = 2_000

/** Raises and resolves alerts periodically, so that each lasts exactly as long as its problem. One process at a time does so. */
@Injectable()
export class ConditionRunner {
  private readonly logger = new Logger(ConditionRunner.name)
  private readonly conditions: readonly AlertCondition[]

  constructor(
    private readonly locks: Locks,
    private readonly clock: Clock,
    private readonly alerts: AlertService,
    private readonly store: AlertStore,
    private readonly resolver: AlertResolver,
    notClosed: NotClosed,
    notImported: NotImported,
    readsOverdue: ReadsOverdue,
    accessRefused: AccessRefused,
    webhooksMissing: WebhooksMissing,
    signaturesRefused: SignaturesRefused,
    listingGone: ListingGone,
    taskOverdue: TaskOverdue,
    private readonly timers: Timers,
  ) {
    this.conditions = [
      notClosed,
      notImported,
      readsOverdue,
      accessRefused,
      webhooksMissing,
      signaturesRefused,
      listingGone,
      taskOverdue,
    ]
  }

  /** Does nothing while another process evaluates. */
  @Periodic({ name: 'alert evaluation', every: CHECK_INTERVAL_MS })
  async evaluateAlone(): Promise<void> {
    await this.locks.tryWith('alerts', () => this.evaluateAll())
  }

  /** Evaluates all conditions once. One that fails or hangs leaves its alerts unchanged and does not delay the others. */
  async evaluateAll(): Promise<void> {
    const now = this.clock.now()
    // Mostly there are none: what could only resolve others is left out.
    const unresolved = new Set(await this.store.unresolvedKinds())
    const resolutions = this.resolver.resolutions.filter(({ kinds }) =>
      kinds === null ? unresolved.size > 0 : kinds.some((kind) => unresolved.has(kind)),
    )
    await Promise.all([
      ...this.conditions.map((condition) =>
        this.isolate(condition.about, () => this.evaluate(condition, now, unresolved.has(condition.kind))),
      ),
      ...resolutions.map((resolution) => this.isolate(resolution.about, () => this.resolve(resolution, now))),
    ])
  }

  private async resolve({ kinds, find }: Resolution, now: Date): Promise<void> {
    const found = await find(now)
    if (!found) return
    const lastSeenBefore = new Date(now.getTime() - MIN_ALERT_AGE_MS)
    // Criteria with an instant of their own have an earlier one.
    await this.alerts.resolveMatching({ lastSeenBefore, ...(kinds && { kinds }), ...found })
  }

  private async evaluate(condition: AlertCondition, now: Date, isAnyUnresolved: boolean): Promise<void> {
    const { kind, about } = condition
    const found = (await condition.find(now)).map((problem) => ({ ...problem, kind, about }))
    for (const problem of found) await this.alerts.raise(problem)
    if (!isAnyUnresolved) return
    await this.alerts.resolveMatching({ kinds: [kind], abouts: [about], exceptKeys: found.map(keyOf) })
  }

  private async isolate(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await withTimeout(DEADLINE_MS, work, this.timers)
    } catch (error) {
      this.logger.warn({ err: error, condition: name }, 'alert condition failed; will retry')
    }
  }
}

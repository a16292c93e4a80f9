import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { Clock } from '../../infrastructure/clock.js'
import { AdvisoryLock } from '../../infrastructure/prisma/advisory-lock.js'
import { repeatEvery, type Repeating } from '../../infrastructure/repeat.js'
import { withDeadline } from '../../infrastructure/run-each.js'
import { AlertService, keyOf } from '../alert.service.js'
import { AccessRefused } from './access-refused.js'
import type { Condition } from './condition.js'
import { AlertResolver } from './alert-resolver.js'
import { ListingGone } from './listing-gone.js'
import { NotClosed } from './not-closed.js'
import { NotImported } from './not-imported.js'
import { ReadsOverdue } from './reads-overdue.js'
import { SignaturesRefused } from './signatures-refused.js'
import { WebhooksMissing } from './webhooks-missing.js'

const EVERY_MS = 5_000
const DEADLINE_MS = 10_000
/** What was raised at this moment is not ended by a look that may have begun before, ms. */
const YOUNG_MS = 2_000

/** Lets every alert last exactly as long as its problem. One process at a time looks. */
@Injectable()
export class ConditionRunner implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ConditionRunner.name)
  private readonly conditions: readonly Condition[]
  private repeating: Repeating | null = null

  constructor(
    private readonly locks: AdvisoryLock,
    private readonly clock: Clock,
    private readonly alerts: AlertService,
    private readonly endings: AlertResolver,
    notClosed: NotClosed,
    notImported: NotImported,
    readsOverdue: ReadsOverdue,
    accessRefused: AccessRefused,
    webhooksMissing: WebhooksMissing,
    signaturesRefused: SignaturesRefused,
    listingGone: ListingGone,
  ) {
    this.conditions = [
      notClosed,
      notImported,
      readsOverdue,
      accessRefused,
      webhooksMissing,
      signaturesRefused,
      listingGone,
    ]
  }

  start(): void {
    const failed = (error: unknown) => this.logger.warn({ err: error }, 'alerts could not be looked after')
    this.repeating = repeatEvery(
      EVERY_MS,
      async () => void (await this.locks.tryWith('alerts', () => this.look())),
      failed,
    )
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  /** Looks for everything once. A condition that fails or hangs leaves its alerts as they are, and no other waits for it. */
  async look(): Promise<void> {
    const now = this.clock.now()
    await Promise.all([
      ...this.conditions.map((condition) => this.contained(condition.about, () => this.judge(condition, now))),
      ...Object.entries(this.endings.all).map(([name, over]) =>
        this.contained(name, async () => {
          const where = await over(now)
          if (where) await this.alerts.end({ AND: [where, { lastSeenAt: { lt: new Date(now.getTime() - YOUNG_MS) } }] })
        }),
      ),
    ])
  }

  private async judge(condition: Condition, now: Date): Promise<void> {
    const { kind, about } = condition
    const found = (await condition.find(now)).map((problem) => ({ ...problem, kind, about }))
    for (const problem of found) await this.alerts.raise(problem)
    await this.alerts.end({ kind, about, dedupeKey: { notIn: found.map(keyOf) } })
  }

  private async contained(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await withDeadline(DEADLINE_MS, work)
    } catch (error) {
      this.logger.warn({ err: error, condition: name }, 'a condition could not be judged, it is repeated')
    }
  }
}

import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { SystemMode } from '../../fail-safe/system-mode.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
import { RetryLaterError, Workers } from '../../infrastructure/queues/workers.js'
import { repeatEvery, type Repeating } from '../../infrastructure/repeat.js'
import { PaymentJobs, type PaymentJob } from './payment-jobs.js'
import { PaymentProcessor } from './payment-processor.js'
import { PaymentRows } from './payment-rows.js'

const AT_ONCE = 16
const SWEEP_EVERY_MS = 2_000
const BATCH = 500
const FAIL_SAFE_PAUSE_MS = 2_000

/** Takes payments on: by jobs, and by a sweep over the rows for jobs that got lost and for tries that are due. */
@Injectable()
export class PaymentWorker implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Payments')
  private sweeping: Repeating | null = null

  constructor(
    private readonly workers: Workers,
    private readonly rows: PaymentRows,
    private readonly jobs: PaymentJobs,
    private readonly progress: PaymentProcessor,
    private readonly mode: SystemMode,
  ) {}

  start(): void {
    this.workers.start<PaymentJob>({
      queue: QUEUES.payments,
      concurrency: AT_ONCE,
      handle: ({ paymentId }) => this.look(paymentId),
    })
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'payments wait for Redis or PostgreSQL')
    this.sweeping = repeatEvery(SWEEP_EVERY_MS, () => this.sweep(), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sweeping?.stop()
  }

  /** Queues what is due by the rows. */
  async sweep(): Promise<void> {
    const due = await this.rows.due(BATCH)
    await this.jobs.add(due.map(({ id, dueAt }) => ({ id, jobId: `${id}-${dueAt?.getTime()}` })))
  }

  /** While nothing is sold, nothing is charged either; the holds do not expire meanwhile. */
  private async look(paymentId: string): Promise<void> {
    if (this.mode.current() !== 'NORMAL') {
      throw new RetryLaterError(new Date(Date.now() + FAIL_SAFE_PAUSE_MS), 'nothing is sold at the moment')
    }
    await this.progress.advance(paymentId)
  }
}

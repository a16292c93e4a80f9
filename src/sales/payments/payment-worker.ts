import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { SystemMode } from '../../system-mode/system-mode.js'
import { JobQueues, RetryLaterError } from '../../infrastructure/queues/job-queues.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
import { repeatEvery, type Repeating } from '../../infrastructure/repeat.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { PaymentJobs, type PaymentJob } from './payment-jobs.js'
import { PaymentProcessor } from './payment-processor.js'
import { PaymentRows } from './payment-rows.js'

const CONCURRENCY = 16
const SWEEP_INTERVAL_MS = 2_000
const BATCH = 500
const FAIL_SAFE_DELAY_MS = 2_000

/** Processes payments: by jobs, and by a sweep over the rows for lost jobs and due retries. */
@Injectable()
export class PaymentWorker implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Payments')
  private sweepLoop: Repeating | null = null

  constructor(
    private readonly queues: JobQueues,
    private readonly rows: PaymentRows,
    private readonly jobs: PaymentJobs,
    private readonly processor: PaymentProcessor,
    private readonly mode: SystemMode,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.queues.process<PaymentJob>({
      queue: QUEUES.payments,
      concurrency: CONCURRENCY,
      handle: ({ paymentId }) => this.process(paymentId),
    })
    const onError = (error: unknown) => this.logger.debug({ err: error }, 'payment sweep failed; will retry')
    this.sweepLoop = repeatEvery(SWEEP_INTERVAL_MS, () => this.sweep(), onError)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sweepLoop?.stop()
  }

  /** Enqueues payments that are due. */
  async sweep(): Promise<void> {
    const due = await this.rows.findDue(BATCH)
    await this.jobs.enqueue(due.map(({ id, dueAt }) => ({ id, jobId: `${id}-${dueAt?.getTime()}` })))
  }

  /** Charges nothing in fail-safe mode; PAYMENT_PENDING holds do not expire. */
  private async process(paymentId: string): Promise<void> {
    if (this.mode.current() !== 'NORMAL') {
      const retryAt = new Date(this.clock.now().getTime() + FAIL_SAFE_DELAY_MS)
      throw new RetryLaterError(retryAt, 'fail-safe mode: payments are suspended')
    }
    await this.processor.process(paymentId)
  }
}

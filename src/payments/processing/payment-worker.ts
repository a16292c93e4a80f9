import { Injectable } from '@nestjs/common'
import { SystemMode } from '../../system-mode/system-mode.js'
import { JobHandler } from '../../infrastructure/background/job-handler.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { RetryLaterError } from '../../infrastructure/queues/job-queues.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
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
export class PaymentWorker {
  constructor(
    private readonly rows: PaymentRows,
    private readonly jobs: PaymentJobs,
    private readonly processor: PaymentProcessor,
    private readonly mode: SystemMode,
    private readonly clock: Clock,
  ) {}

  /** Enqueues payments that are due. */
  @Periodic({ name: 'payment sweep', every: SWEEP_INTERVAL_MS })
  async sweep(): Promise<void> {
    const due = await this.rows.findDue(BATCH)
    await this.jobs.enqueue(due.map(({ id, dueAt }) => ({ id, jobId: `${id}-${dueAt?.getTime()}` })))
  }

  /** Charges nothing in fail-safe mode; PAYMENT_PENDING holds do not expire. */
  @JobHandler({ queue: QUEUES.payments, concurrency: CONCURRENCY })
  async process({ paymentId }: PaymentJob): Promise<void> {
    if (this.mode.current() !== 'NORMAL') {
      const retryAt = new Date(this.clock.now().getTime() + FAIL_SAFE_DELAY_MS)
      throw new RetryLaterError(retryAt, 'fail-safe mode: payments are suspended')
    }
    await this.processor.process(paymentId)
  }
}

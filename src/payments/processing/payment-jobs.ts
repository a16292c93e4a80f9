import { Injectable, Logger } from '@nestjs/common'
import { newId } from '../../infrastructure/ids.js'
import { JobQueues } from '../../infrastructure/queues/job-queues.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'

const JOB_NAME = 'look' // words-ok: the name of jobs that are already queued

export interface PaymentJob {
  paymentId: string
}

/** Enqueues jobs that process a payment. Duplicate jobs do no harm. */
@Injectable()
export class PaymentJobs {
  private readonly logger = new Logger('Payments')

  constructor(private readonly queues: JobQueues) {}

  /** Best effort: the sweep finds payments whose job could not be enqueued. */
  tryEnqueue(paymentIds: readonly string[]): void {
    this.enqueue(paymentIds.map((id) => ({ id, jobId: newId(JOB_NAME) }))).catch((error: unknown) =>
      this.logger.debug({ err: error }, 'failed to enqueue payment jobs; the sweep will process them'),
    )
  }

  /** Rejects when Redis is unreachable. A job id that is already queued changes nothing. */
  async enqueue(requests: readonly { id: string; jobId: string }[]): Promise<void> {
    if (requests.length === 0) return
    const jobs = requests.map(({ id, jobId }) => ({
      name: JOB_NAME,
      data: { paymentId: id } satisfies PaymentJob,
      id: jobId,
      keepFailed: false,
    }))
    await this.queues.addAll(QUEUES.payments, jobs)
  }
}

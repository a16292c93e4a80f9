import { InjectQueue } from '@nestjs/bullmq'
import { Injectable, Logger } from '@nestjs/common'
import type { Queue } from 'bullmq'
import { newId } from '../../infrastructure/ids.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'

const JOB_NAME = 'look' // words-ok: the name of jobs that are already queued

export interface PaymentJob {
  paymentId: string
}

/** Enqueues jobs that process a payment. Duplicate jobs do no harm. */
@Injectable()
export class PaymentJobs {
  private readonly logger = new Logger('Payments')

  constructor(@InjectQueue(QUEUES.payments) private readonly queue: Queue<PaymentJob>) {}

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
      data: { paymentId: id },
      opts: { jobId, removeOnFail: true },
    }))
    await this.queue.addBulk(jobs)
  }
}

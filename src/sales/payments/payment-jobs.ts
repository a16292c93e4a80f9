import { InjectQueue } from '@nestjs/bullmq'
import { Injectable, Logger } from '@nestjs/common'
import type { Queue } from 'bullmq'
import { newId } from '../../infrastructure/ids.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'

export interface PaymentJob {
  paymentId: string
}

/** The sending side: a payment is to be looked at. Which job does it, and how many there are, does not matter. */
@Injectable()
export class PaymentJobs {
  private readonly logger = new Logger('Payments')

  constructor(@InjectQueue(QUEUES.payments) private readonly queue: Queue<PaymentJob>) {}

  /** What the queue does not take is found by the sweep. */
  hurry(paymentIds: readonly string[]): void {
    this.add(paymentIds.map((id) => ({ id, jobId: newId('look') }))).catch((error: unknown) =>
      this.logger.debug({ err: error }, 'payments are left to the sweep'),
    )
  }

  /** Rejects when Redis does not answer. A job id that is queued already changes nothing. */
  async add(looks: readonly { id: string; jobId: string }[]): Promise<void> {
    if (looks.length === 0) return
    const jobs = looks.map(({ id, jobId }) => ({
      name: 'look',
      data: { paymentId: id },
      opts: { jobId, removeOnFail: true },
    }))
    await this.queue.addBulk(jobs)
  }
}

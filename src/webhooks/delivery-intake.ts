import { InjectQueue } from '@nestjs/bullmq'
import { Injectable, Logger } from '@nestjs/common'
import type { Queue } from 'bullmq'
import { Unavailable } from '../domain/errors.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import type { AcceptedDelivery } from './accepted-delivery.js'

/** Enough for a platform or database that is away for a while; then the delivery is kept aside. */
const RETRIES = { attempts: 8, backoff: { type: 'exponential', delay: 500 } }
const INBOX_LIMIT_MS = 1_000

/**
 * Makes a delivery durable before it is answered: in the queue (Redis answers after its append-only file is synced),
 * or, while Redis does not answer, in the PostgreSQL inbox. An add that timed out may have landed: both then hold it,
 * and the second one changes nothing.
 */
@Injectable()
export class DeliveryIntake {
  private readonly logger = new Logger(DeliveryIntake.name)

  constructor(
    private readonly prisma: PrismaService,
    private readonly metrics: Metrics,
    @InjectQueue(QUEUES.deliveries) private readonly queue: Queue<AcceptedDelivery>,
  ) {}

  /** Throws Unavailable when neither store takes it, so that the platform sends it again. */
  async accept(delivery: AcceptedDelivery): Promise<void> {
    try {
      await this.enqueue(delivery)
      await debugPoint('after-enqueue-before-answer')
    } catch (error) {
      this.logger.debug({ err: error }, 'queue away, delivery goes to the inbox')
      await this.keep(delivery)
      await debugPoint('after-inbox-before-answer')
    }
  }

  /** Rejects when Redis does not answer in time. */
  async enqueue(delivery: AcceptedDelivery): Promise<void> {
    await this.queue.add('delivery', delivery, RETRIES)
  }

  /** Rejects when Redis does not answer in time; some of them may be queued then. */
  async enqueueAll(deliveries: readonly AcceptedDelivery[]): Promise<void> {
    await this.queue.addBulk(deliveries.map((data) => ({ name: 'delivery', data, opts: RETRIES })))
  }

  private async keep({ platform, deliveryId, headers, body, receivedAt }: AcceptedDelivery): Promise<void> {
    const row = { platform, deliveryId, headers, body: Buffer.from(body, 'base64'), receivedAt: new Date(receivedAt) }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the inbox did not answer in time')), INBOX_LIMIT_MS)
    })
    try {
      await Promise.race([this.prisma.inboxEntry.create({ data: row }), late])
      this.metrics.counter('webhooks_inbox_fallback_total', 'Deliveries kept in PostgreSQL while Redis was away').inc()
    } catch (error) {
      throw new Unavailable('The delivery could not be kept. Send it again.', { retryAfterSeconds: 5, cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
}

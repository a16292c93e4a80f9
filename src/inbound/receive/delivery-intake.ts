import { Injectable, Logger } from '@nestjs/common'
import { Unavailable } from '../../domain/errors.js'
import { debugPoint } from '../../infrastructure/debug-point.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { JobQueues, type NewJob } from '../../infrastructure/queues/job-queues.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { withTimeout } from '../../infrastructure/time/with-timeout.js'
import { connectionOf, type AcceptedDelivery } from './accepted-delivery.js'
import { InboxStore } from './inbox-store.js'

/** Bridges a short outage of a platform or database; afterwards the delivery becomes a dead letter. */
const RETRIES = { attempts: 8, backoffMs: 500 }
const INBOX_TIMEOUT_MS = 1_000

/**
 * Stores a delivery durably before the response is sent: in the queue (Redis replies after its append-only file is
 * synced) or, while Redis does not reply, in the PostgreSQL inbox. An add that timed out may have succeeded: the delivery
 * is then stored twice, and processing the second copy has no effect.
 */
@Injectable()
export class DeliveryIntake {
  private readonly logger = new Logger(DeliveryIntake.name)

  constructor(
    private readonly inbox: InboxStore,
    private readonly metrics: Metrics,
    private readonly queues: JobQueues,
    private readonly timers: Timers,
  ) {}

  /** Throws Unavailable when neither store accepts the delivery, so that the platform retries it. */
  async accept(delivery: AcceptedDelivery): Promise<void> {
    try {
      await this.enqueue(delivery)
      await debugPoint('after-enqueue-before-response')
    } catch (error) {
      this.logger.debug({ err: error }, 'queue unavailable; storing the delivery in the inbox')
      await this.saveToInbox(delivery)
      await debugPoint('after-inbox-before-response')
    }
  }

  /** Rejects when Redis does not reply in time. */
  async enqueue(delivery: AcceptedDelivery): Promise<void> {
    await this.queues.addShared(QUEUES.deliveries, toJob(delivery))
  }

  /** Rejects when Redis does not reply in time; some of the deliveries may be queued by then. */
  async enqueueAll(deliveries: readonly AcceptedDelivery[]): Promise<void> {
    await this.queues.addAll(QUEUES.deliveries, deliveries.map(toJob))
  }

  private async saveToInbox(delivery: AcceptedDelivery): Promise<void> {
    const { platform, deliveryId, headers, body, receivedAt } = delivery
    const content = { headers, body: Buffer.from(body, 'base64'), receivedAt: new Date(receivedAt) }
    const row = { platform, connectionId: connectionOf(delivery), deliveryId, ...content }
    try {
      await withTimeout(INBOX_TIMEOUT_MS, () => this.inbox.add(row), this.timers)
      this.metrics
        .counter('webhooks_inbox_fallback_total', 'Deliveries stored in PostgreSQL while Redis was unavailable')
        .inc()
    } catch (error) {
      throw new Unavailable('The delivery could not be stored. Send it again.', { retryAfterSeconds: 5, cause: error })
    }
  }
}

function toJob(data: AcceptedDelivery): NewJob<AcceptedDelivery> {
  return { name: 'delivery', data, ...RETRIES }
}

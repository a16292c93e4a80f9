import { Injectable, Logger } from '@nestjs/common'
import { SystemMode } from '../../system-mode/system-mode.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { newId } from '../../infrastructure/ids.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { AcceptedDelivery } from './accepted-delivery.js'
import { DeliveryIntake } from './delivery-intake.js'
import { InboxStore, type InboxEntry } from './inbox-store.js'

const DRAIN_INTERVAL_MS = 1_000
const BATCH_SIZE = 100

/** Moves deliveries from the inbox to the queue in order of arrival. One process at a time does so. */
@Injectable()
export class InboxDrain {
  private readonly logger = new Logger(InboxDrain.name)

  constructor(
    private readonly inbox: InboxStore,
    private readonly locks: Locks,
    private readonly intake: DeliveryIntake,
    private readonly mode: SystemMode,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    const help = 'Age of the oldest delivery in the PostgreSQL inbox; 0 if none'
    metrics.gauge('inbox_oldest_unprocessed_age_seconds', help, [], async (gauge) =>
      gauge.set(await this.oldestAgeSeconds()),
    )
  }

  /** After an outage the recovery drains the inbox once the gates are rebuilt. */
  @Periodic({ name: 'inbox drain', every: DRAIN_INTERVAL_MS })
  async drainInNormalMode(): Promise<void> {
    if (this.mode.current() === 'NORMAL') await this.drain()
  }

  /** Returns the number of deliveries moved. Rejects when Redis does not accept them; they stay in the inbox. */
  async drain(): Promise<number> {
    const moved = await this.locks.tryWith('inbox-drain', async () => {
      let count = 0
      for (;;) {
        const entries = await this.inbox.undrained(BATCH_SIZE)
        if (entries.length === 0) return count
        await this.intake.enqueueAll(entries.map(deliveryOf))
        const ids = entries.map(({ id }) => id)
        await this.inbox.markDrained(ids, this.clock.now())
        count += entries.length
        if (entries.length < BATCH_SIZE) return count
      }
    })
    if (moved) this.logger.log({ moved }, 'inbox drained to the queue')
    return moved ?? 0
  }

  /** NaN while PostgreSQL does not respond. */
  private async oldestAgeSeconds(): Promise<number> {
    const oldest = await this.inbox.oldestReceivedAt().catch(() => undefined)
    if (oldest === undefined) return Number.NaN
    return oldest === null ? 0 : (this.clock.now().getTime() - oldest.getTime()) / 1_000
  }
}

function deliveryOf({ platform, connectionId, deliveryId, headers, body, receivedAt }: InboxEntry): AcceptedDelivery {
  return {
    platform,
    connectionId,
    deliveryId,
    headers,
    body: Buffer.from(body).toString('base64'),
    receivedAt: receivedAt.toISOString(),
    correlationId: newId('inbox'),
  }
}

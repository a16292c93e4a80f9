import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import { SystemMode } from '../fail-safe/system-mode.js'
import type { InboxEntry } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import type { AcceptedDelivery } from './accepted-delivery.js'
import { DeliveryIntake } from './delivery-intake.js'

const EVERY_MS = 1_000
const NOT_YET_DRAINED = { drainedAt: null }
const BATCH = 100

/** Moves what the inbox holds to the queue, in the order of arrival, by one process at a time. */
@Injectable()
export class InboxDrain implements BeforeApplicationShutdown {
  private readonly logger = new Logger(InboxDrain.name)
  private repeating: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly intake: DeliveryIntake,
    private readonly mode: SystemMode,
    metrics: Metrics,
  ) {
    const help = 'How long the oldest delivery has been waiting in PostgreSQL'
    metrics.gauge('inbox_oldest_unprocessed_age_seconds', help, [], async (gauge) => gauge.set(await this.oldestAge()))
  }

  /** After an outage the recovery drains the inbox, once the gates are rebuilt. */
  start(): void {
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'the inbox waits for Redis')
    const work = async () => {
      if (this.mode.current() === 'NORMAL') await this.drain()
    }
    this.repeating = repeatEvery(EVERY_MS, work, failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  /** Answers how many were moved. Rejects when Redis does not take them; nothing is lost then. */
  async drain(): Promise<number> {
    const moved = await this.locks.tryWith('inbox-drain', async () => {
      let count = 0
      for (;;) {
        const entries = await this.prisma.inboxEntry.findMany({
          where: NOT_YET_DRAINED,
          orderBy: { id: 'asc' },
          take: BATCH,
        })
        if (entries.length === 0) return count
        await this.intake.enqueueAll(entries.map(deliveryOf))
        const ids = entries.map(({ id }) => id)
        await this.prisma.inboxEntry.updateMany({ where: { id: { in: ids } }, data: { drainedAt: new Date() } })
        count += entries.length
        if (entries.length < BATCH) return count
      }
    })
    if (moved) this.logger.log({ moved }, 'inbox drained to the queue')
    return moved ?? 0
  }

  /** Seconds; NaN while PostgreSQL does not answer. */
  private async oldestAge(): Promise<number> {
    const oldest = await this.prisma.inboxEntry
      .findFirst({ where: NOT_YET_DRAINED, orderBy: { id: 'asc' }, select: { receivedAt: true } })
      .catch(() => undefined)
    if (oldest === undefined) return Number.NaN
    return oldest === null ? 0 : (Date.now() - oldest.receivedAt.getTime()) / 1_000
  }
}

function deliveryOf({ platform, deliveryId, headers, body, receivedAt }: InboxEntry): AcceptedDelivery {
  return {
    platform: platform as Platform,
    deliveryId,
    headers: headers as Record<string, string>,
    body: Buffer.from(body).toString('base64'),
    receivedAt: receivedAt.toISOString(),
    correlationId: newId('inbox'),
  }
}

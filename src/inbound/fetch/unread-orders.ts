import { Injectable, Logger } from '@nestjs/common'
import { listingOf } from '../../channels/channel-import.js'
import { ChannelStore } from '../../channels/channel-store.js'
import type { Platform } from '../../domain/channel.js'
import type { Channel } from '../../domain/channel-record.js'
import { NOT_FOUND, SHOWN_AFTER_MS } from '../../domain/orders/order-snapshot.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { RetryLaterError } from '../../infrastructure/queues/job-queues.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { OrderIngest } from '../../orders/order-ingest.js'
import { OrderStore } from '../../orders/order-store.js'
import { Platforms } from '../../platforms/platforms.js'
import { traitsOf } from '../../platforms/registry.js'
import { throwForRetry } from './changes-fetcher.js'

/** Of one list: then it is read again, which is cheaper if it shows the others. */
const MAX_FETCHED = 5
const RETRY_MS = 3_000

/**
 * Orders that are recorded as their delivery showed them, and that nothing read has shown. Lists of orders are sometimes
 * empty, truncated or outdated: such an order counts as sold, so that a list without it proves nothing
 * (`channels/recount.ts`), until it is read by its id.
 */
@Injectable()
export class UnreadOrders {
  private readonly logger = new Logger(UnreadOrders.name)
  private readonly salesIgnored

  constructor(
    private readonly channels: ChannelStore,
    private readonly orders: OrderStore,
    private readonly platforms: Platforms,
    private readonly orderIngest: OrderIngest,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    const help = 'Reported sales that do not count, since the platform does not know their orders (any more)'
    this.salesIgnored = metrics.counter('webhook_sales_ignored_total', help, ['platform'])
  }

  /**
   * Fetches those that the last list of the channel should have shown. True: it lacked one, so that it has to be read again.
   * Throws to be retried: a platform may show an order only some time after its webhook.
   */
  async fetch(channel: Channel): Promise<boolean> {
    if (!traitsOf(channel.platform).canQueryOrder) return false
    const { lastPullAt } = await this.channels.read(null, channel.id)
    // Those that were reported since the list was requested are in the next one.
    const unread = lastPullAt ? await this.orders.neverRead(channel.id, lastPullAt, MAX_FETCHED) : []
    let isHidden = false
    for (const { orderId, seenAt } of unread) {
      const read = await this.platforms.of(channel).getOrder(listingOf(channel), orderId, { lane: 'grow' })
      if (read.kind !== 'OK') return throwForRetry(read)
      if (read.value) await this.orderIngest.ingest(channel, [read.value])
      else if (hasToBeShown(seenAt, this.clock.now())) await this.ignore(channel, orderId)
      else isHidden = true
    }
    if (isHidden) {
      const retryAt = new Date(this.clock.now().getTime() + RETRY_MS)
      throw new RetryLaterError(retryAt, 'a reported order is not shown yet')
    }
    return unread.length > 0
  }

  /** The platform does not know the order. What was read of it since its delivery stays. */
  async cancel(channel: Channel, orderId: string): Promise<void> {
    const { externalEventId } = channel
    const unknown = { orderId, externalEventId, version: NOT_FOUND, tickets: [], buyer: null, placedAt: null }
    await this.orderIngest.ingest(channel, [{ ...unknown, complete: true }])
  }

  countIgnored(platform: Platform): void {
    this.salesIgnored.inc({ platform })
  }

  private async ignore(channel: Channel, orderId: string): Promise<void> {
    const { platform, id: channelId } = channel
    this.logger.warn({ platform, orderId, channelId }, 'ignored a sale of an unknown order')
    this.countIgnored(platform)
    await this.cancel(channel, orderId)
  }
}

/** A platform that does not show an order reported at `reportedAt` does not have it any more. */
export function hasToBeShown(reportedAt: Date, now: Date): boolean {
  return now.getTime() - reportedAt.getTime() >= SHOWN_AFTER_MS
}

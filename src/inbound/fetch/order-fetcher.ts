import { Injectable, Logger } from '@nestjs/common'
import { listingOf } from '../../channels/channel-import.js'
import { ChannelStore } from '../../channels/channel-store.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { OrderIngest } from '../../orders/order-ingest.js'
import { OrderStore } from '../../orders/order-store.js'
import { Platforms } from '../../platforms/platforms.js'
import type { CallContext } from '../../platforms/port.js'
import { channelsOf, channelsSelling } from '../route/channel-lookup.js'
import { ChangesFetcher, throwForRetry } from './changes-fetcher.js'
import { ForeignOrders } from './foreign-orders.js'
import { hasToBeShown, UnreadOrders } from './unread-orders.js'
import { connectionOf } from '../receive/accepted-delivery.js'
import { DeadLetterStore } from '../dead-letters/dead-letter-store.js'
import type { OrderJob } from '../route/fetch-jobs.js'

const CONTEXT: CallContext = { lane: 'grow' }

/** Fetches a single order that a delivery refers to. */
@Injectable()
export class OrderFetcher {
  private readonly logger = new Logger(OrderFetcher.name)
  private readonly foreign = new ForeignOrders()

  constructor(
    private readonly channels: ChannelStore,
    private readonly orders: OrderStore,
    private readonly platforms: Platforms,
    private readonly changes: ChangesFetcher,
    private readonly orderIngest: OrderIngest,
    private readonly deadLetters: DeadLetterStore,
    private readonly unread: UnreadOrders,
    private readonly clock: Clock,
  ) {}

  /** Throws to be retried: a platform may show an order only some time after its webhook. */
  async fetch(job: OrderJob): Promise<void> {
    const { platform, orderId, delivery } = job
    const connectionId = connectionOf(delivery)
    const { adapter } = this.platforms.connection(connectionId)
    const known = await this.listingsOf(job)
    // Many orders at once are covered by a single read of the changes.
    if (adapter.subscribesPerEvent === true && (await this.findInChanges(job, known))) return
    if (known.length === 0 && (await this.isForeign(job))) return
    const read = await adapter.getOrder(known[0] ? listingOf(known[0]) : null, orderId, CONTEXT)
    if (read.kind !== 'OK') return throwForRetry(read)
    const snapshot = read.value ?? cancellationIn(job)
    if (!snapshot && this.isOutdatedSale(job)) return this.ignoreSale(job, known)
    if (!snapshot) throw new Error(`${platform} does not know order ${orderId} (yet)`)
    const sellers = known.length > 0 ? known : await channelsOf(this.channels, connectionId, snapshot.externalEventId)
    if (sellers.length === 0) {
      this.foreign.add(`${connectionId}:${orderId}`, snapshot.externalEventId)
      const reason = `no channel sells ${platform} event ${snapshot.externalEventId}`
      return this.deadLetters.add(delivery, 'UNMATCHED', reason)
    }
    for (const channel of sellers) {
      await this.orderIngest.ingest(channel, [snapshot])
      await this.recordWebhook(channel, delivery.receivedAt)
    }
  }

  /** Finds channels by the event that the delivery or its subscription names, or by an order recorded since then. */
  private async listingsOf({ platform, orderId, externalEventId, delivery }: OrderJob): Promise<Channel[]> {
    const id = connectionOf(delivery)
    if (externalEventId !== null) return channelsOf(this.channels, id, externalEventId)
    return channelsSelling({ channels: this.channels, orders: this.orders }, { id, platform }, orderId)
  }

  private async findInChanges({ orderId, delivery }: OrderJob, listings: Channel[]): Promise<boolean> {
    const since = new Date(delivery.replayedAt ?? delivery.receivedAt)
    let found = false
    for (const channel of listings) {
      if (!channel.importedAt) continue
      await this.changes.fetch(channel, 'changed', 'grow', since)
      if ((await this.orders.stateOf(orderId, [channel.id])) === null) continue
      await this.recordWebhook(channel, delivery.receivedAt)
      found = true
    }
    return found
  }

  /** True if the order is cached as one of an event that still no channel sells. A replay ignores the cache. */
  private async isForeign({ orderId, delivery }: OrderJob): Promise<boolean> {
    const id = connectionOf(delivery)
    const eventId = this.foreign.eventOf(`${id}:${orderId}`)
    if (eventId === null || delivery.replayedAt !== undefined) return false
    return (await channelsOf(this.channels, id, eventId)).length === 0
  }

  /**
   * Of an order that the platform does not show: true if the payload, which may be hours old when a delivery is repeated,
   * shows a sale. It was cancelled since, and counting it would keep its seats from being sold.
   */
  private isOutdatedSale({ payloadSnapshot, delivery }: OrderJob): boolean {
    return payloadSnapshot !== null && hasToBeShown(new Date(delivery.receivedAt), this.clock.now())
  }

  /** Usual for a few; a platform that hides sales for longer would cause many, which its sweeps count. */
  private async ignoreSale({ platform, orderId, delivery }: OrderJob, known: readonly Channel[]): Promise<void> {
    const { deliveryId, receivedAt } = delivery
    const channels = known.map(({ id }) => id)
    this.logger.warn({ platform, orderId, deliveryId, receivedAt, channels }, 'ignored a sale of an unknown order')
    this.unread.countIgnored(platform)
    for (const channel of known) {
      await this.unread.cancel(channel, orderId)
      await this.recordWebhook(channel, receivedAt)
    }
  }

  private recordWebhook({ id }: Channel, receivedAt: string): Promise<void> {
    return this.channels.recordWebhook(id, new Date(receivedAt))
  }
}

/** The cancellation in a signed delivery, used only where the platform no longer knows the order; null: it shows a sale. */
function cancellationIn({ payloadSnapshot: payload, delivery }: OrderJob): OrderSnapshot | null {
  if (!payload || payload.tickets.some(({ live }) => live)) return null
  const version = new Date(delivery.receivedAt).toISOString()
  // No reading: a full list since then that does not show the order is no evidence against it.
  return {
    ...payload,
    version,
    versionIsReadTime: false,
    placedAt: payload.placedAt === null ? null : new Date(payload.placedAt),
  }
}

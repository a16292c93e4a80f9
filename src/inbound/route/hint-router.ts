import { Injectable } from '@nestjs/common'
import { ChannelJobs } from '../../channels/sync/channel-jobs.js'
import { ChannelStore } from '../../channels/channel-store.js'
import { ContentsStore } from '../../channels/contents/contents-store.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { OrderIngest } from '../../orders/order-ingest.js'
import { OrderStore } from '../../orders/order-store.js'
import { traitsOf } from '../../platforms/registry.js'
import { Platforms } from '../../platforms/platforms.js'
import type { Hint } from '../../platforms/port.js'
import { channelsOf, channelsSelling } from './channel-lookup.js'
import { connectionOf, type AcceptedDelivery } from '../receive/accepted-delivery.js'
import { DeadLetterStore } from '../dead-letters/dead-letter-store.js'
import { FetchJobs, type QueuedSnapshot } from './fetch-jobs.js'
import { SubscriptionRecords } from '../subscriptions/subscription-records.js'

type OrderHint = Extract<Hint, { kind: 'ORDER' }>

/** A read of the changes reaches back further than this, ms. */
const NEW_SALE_MAX_AGE_MS = 120_000

/** Turns the hints of a delivery into fetch jobs; a delivery that matches no channel becomes a dead letter. */
@Injectable()
export class HintRouter {
  constructor(
    private readonly channels: ChannelStore,
    private readonly orders: OrderStore,
    private readonly platforms: Platforms,
    private readonly orderIngest: OrderIngest,
    private readonly fetchJobs: FetchJobs,
    private readonly deadLetters: DeadLetterStore,
    private readonly jobs: ChannelJobs,
    private readonly contents: ContentsStore,
    private readonly subscriptions: SubscriptionRecords,
    private readonly clock: Clock,
  ) {}

  async route(delivery: AcceptedDelivery): Promise<void> {
    const { adapter } = this.platforms.connection(connectionOf(delivery))
    const hints = adapter.parseDelivery(Buffer.from(delivery.body, 'base64'))
    for (const hint of hints ?? []) await this.routeHint(hint, delivery)
  }

  private async routeHint(hint: Hint, delivery: AcceptedDelivery): Promise<void> {
    if (hint.kind === 'NONE') return
    const { platform } = delivery
    if (hint.kind === 'ORDER' && hint.externalEventId === null) return this.routeOrderOfUnknownEvent(hint, delivery)
    const channels = await this.matchedChannels(hint.externalEventId ?? '', delivery)
    if (channels.length === 0) return
    if (hint.kind === 'EVENT') {
      if (hint.about === 'LISTING') await this.recheck(channels, new Date(delivery.receivedAt))
      return this.enqueueChanges(channels)
    }
    const { orderId, externalEventId, snapshot } = hint
    if (!traitsOf(platform).canQueryOrder) {
      // The snapshot of a signed hint is applied immediately; the read of the changes that follows is authoritative.
      for (const channel of channels) if (snapshot) await this.orderIngest.ingest(channel, [snapshot])
      return this.enqueueChanges(channels)
    }
    const state = await this.orders.stateOf(
      orderId,
      channels.map(({ id }) => id),
    )
    // Counted until it is read: a list that lacks it proves nothing while it is recorded (`UnreadOrders`).
    if (state === null && snapshot && isLive(snapshot)) {
      for (const channel of channels) await this.orderIngest.ingest(channel, [snapshot])
    }
    // Under load one read of the changes covers all new sales; fetching each order would exhaust the budget.
    const isNew = snapshot && isNewSale(snapshot, new Date(delivery.receivedAt))
    if (isNew && state !== 'CANCELLED') return this.enqueueChanges(channels)
    // A closed listing still collects guests without tickets; one who gets a ticket later causes another delivery.
    if (hint.waits && state === null) return
    const payloadSnapshot = snapshot && toQueuedSnapshot(snapshot)
    await this.fetchJobs.enqueueOrder({ platform, orderId, externalEventId, payloadSnapshot, delivery })
  }

  /**
   * The listing follows from the recorded order, or from a subscription to a single event; otherwise the order is fetched
   * from the platform.
   */
  private async routeOrderOfUnknownEvent(
    { orderId, subscriptionId }: OrderHint,
    delivery: AcceptedDelivery,
  ): Promise<void> {
    const { platform } = delivery
    const id = connectionOf(delivery)
    const stores = { channels: this.channels, orders: this.orders }
    const channels = await channelsSelling(stores, { id, platform }, orderId)
    if (channels.length > 0) {
      await this.recordWebhook(channels)
      return this.enqueueChanges(channels)
    }
    const externalEventId = subscriptionId ? await this.subscriptions.eventOf(id, subscriptionId) : null
    await this.fetchJobs.enqueueOrder({ platform, orderId, externalEventId, payloadSnapshot: null, delivery })
  }

  private async matchedChannels(externalEventId: string, delivery: AcceptedDelivery): Promise<Channel[]> {
    const channels = await channelsOf(this.channels, connectionOf(delivery), externalEventId)
    if (channels.length === 0)
      await this.deadLetters.add(
        delivery,
        'UNMATCHED',
        `no channel sells ${delivery.platform} event ${externalEventId}`,
      )
    else await this.recordWebhook(channels)
    return channels
  }

  private async recheck(channels: readonly Channel[], reportedAt: Date): Promise<void> {
    for (const { id } of channels) await this.jobs.recheck(id, reportedAt)
    await this.contents.noteChange(
      channels.map(({ id }) => id),
      reportedAt,
    )
  }

  private async enqueueChanges(channels: readonly Channel[]): Promise<void> {
    for (const channel of channels) await this.fetchJobs.enqueueChanges(channel, 'changed', 'grow')
  }

  private async recordWebhook(channels: readonly Channel[]): Promise<void> {
    const ids = channels.map(({ id }) => id)
    await this.channels.updateMatching(null, { ids }, { lastWebhookAt: this.clock.now() })
  }
}

/** True if a read of the changes shows the order; only an older or cancelled sale must be fetched by its id. */
function isNewSale({ placedAt, tickets }: OrderSnapshot, receivedAt: Date): boolean {
  if (placedAt === null || tickets.length === 0 || tickets.some(({ live }) => !live)) return false
  return Math.abs(receivedAt.getTime() - placedAt.getTime()) < NEW_SALE_MAX_AGE_MS
}

function isLive({ tickets }: OrderSnapshot): boolean {
  return tickets.some(({ live }) => live)
}

function toQueuedSnapshot(snapshot: OrderSnapshot): QueuedSnapshot {
  return { ...snapshot, placedAt: snapshot.placedAt?.toISOString() ?? null }
}

import { Injectable } from '@nestjs/common'
import { ChannelJobs } from '../channels/channel-jobs.js'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { OrderIntake } from '../inventory/order-intake.js'
import { Platforms } from '../platforms/platforms.js'
import type { Hint } from '../platforms/port.js'
import type { AcceptedDelivery } from './accepted-delivery.js'
import { DeadLetterStore } from './dead-letter-store.js'
import { ReadJobs, type QueuedSnapshot } from './read-jobs.js'
import { SubscriptionRecords } from './subscription-records.js'

type OrderHint = Extract<Hint, { kind: 'ORDER' }>

/** A read of what changed looks back further than this, ms. */
const NEW_SALE_MS = 120_000

/** Turns what a delivery hints at into reads; what no channel knows is kept aside. */
@Injectable()
export class HintRouter {
  constructor(
    private readonly prisma: PrismaService,
    private readonly platforms: Platforms,
    private readonly intake: OrderIntake,
    private readonly reads: ReadJobs,
    private readonly kept: DeadLetterStore,
    private readonly jobs: ChannelJobs,
    private readonly subscriptions: SubscriptionRecords,
  ) {}

  async route(delivery: AcceptedDelivery): Promise<void> {
    const hints = this.platforms.get(delivery.platform).parseDelivery(Buffer.from(delivery.body, 'base64'))
    for (const hint of hints ?? []) await this.follow(hint, delivery)
  }

  private async follow(hint: Hint, delivery: AcceptedDelivery): Promise<void> {
    if (hint.kind === 'NONE') return
    const { platform } = delivery
    if (hint.kind === 'ORDER' && hint.externalEventId === null) return this.orderOfUnknownEvent(hint, delivery)
    const channels = await this.channelsOf(platform, hint.externalEventId ?? '', delivery)
    if (channels.length === 0) return
    if (hint.kind === 'EVENT') {
      if (hint.about === 'LISTING') await this.recheck(channels, new Date(delivery.receivedAt))
      return this.readChanges(channels)
    }
    const { orderId, externalEventId, snapshot } = hint
    if (platform === 'MEETUP') {
      // A bridge that signs is believed at once, and the poll that follows is the truth.
      for (const channel of channels) if (snapshot) await this.intake.take(channel, [snapshot])
      return this.readChanges(channels)
    }
    // In a rush of registrations one read of what is new serves them all; one by one they would use up the budget.
    if (snapshot && isNewSale(snapshot, new Date(delivery.receivedAt))) return this.readChanges(channels)
    // A closed listing goes on collecting guests who hold nothing; one who gets a ticket later causes another delivery.
    if (hint.waits && !(await this.isOnRecord(orderId, channels))) return
    await this.reads.order({ platform, orderId, externalEventId, said: snapshot && queued(snapshot), delivery })
  }

  /**
   * An order that is recorded names its listing, and so does a subscription that is for one event; for any other the
   * platform is asked.
   */
  private async orderOfUnknownEvent({ orderId, subscriptionId }: OrderHint, delivery: AcceptedDelivery): Promise<void> {
    const { platform } = delivery
    const orders = await this.prisma.order.findMany({
      where: { platform, externalOrderId: orderId },
      include: { event: { include: { channels: { where: { platform, detachedAt: null } } } } },
    })
    const channels = orders.flatMap(({ event }) => event.channels)
    if (channels.length > 0) {
      await this.touch(channels)
      return this.readChanges(channels)
    }
    const externalEventId = subscriptionId ? await this.subscriptions.eventOf(platform, subscriptionId) : null
    await this.reads.order({ platform, orderId, externalEventId, said: null, delivery })
  }

  private async channelsOf(
    platform: Platform,
    externalEventId: string,
    delivery: AcceptedDelivery,
  ): Promise<Channel[]> {
    const channels = await this.prisma.channel.findMany({
      where: { platform, externalEventId, detachedAt: null },
    })
    if (channels.length === 0)
      await this.kept.keep(delivery, 'UNMATCHED', `no channel sells ${platform} event ${externalEventId}`)
    else await this.touch(channels)
    return channels
  }

  private async isOnRecord(externalOrderId: string, channels: readonly Channel[]): Promise<boolean> {
    const sellers = channels.map(({ eventId, platform }) => ({ eventId, platform }))
    return (await this.prisma.order.count({ where: { externalOrderId, OR: sellers } })) > 0
  }

  private async recheck(channels: readonly Channel[], noticedAt: Date): Promise<void> {
    for (const { id } of channels) await this.jobs.recheck(id, noticedAt)
  }

  private async readChanges(channels: readonly Channel[]): Promise<void> {
    for (const { id, platform } of channels)
      await this.reads.changes({ id, platform: platform as Platform }, 'changed', 'grow')
  }

  private async touch(channels: readonly Channel[]): Promise<void> {
    const ids = channels.map(({ id }) => id)
    await this.prisma.channel.updateMany({ where: { id: { in: ids } }, data: { lastWebhookAt: new Date() } })
  }
}

/** A read of what changed shows it: only a sale that was placed long ago, or is over, must be asked for by its id. */
function isNewSale({ placedAt, tickets }: OrderSnapshot, receivedAt: Date): boolean {
  if (placedAt === null || tickets.length === 0 || tickets.some(({ live }) => !live)) return false
  return Math.abs(receivedAt.getTime() - placedAt.getTime()) < NEW_SALE_MS
}

function queued(snapshot: OrderSnapshot): QueuedSnapshot {
  return { ...snapshot, placedAt: snapshot.placedAt?.toISOString() ?? null }
}

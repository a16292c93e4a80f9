import { Injectable } from '@nestjs/common'
import { listingOf } from '../channels/channel-import.js'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { OrderIntake } from '../inventory/order-intake.js'
import { Platforms } from '../platforms/platforms.js'
import type { CallContext } from '../platforms/port.js'
import { ChangesReader, retry } from './changes-reader.js'
import { ForeignOrders } from './foreign-orders.js'
import { DeadLetterStore } from './dead-letter-store.js'
import type { OrderJob, QueuedSnapshot } from './read-jobs.js'

const CONTEXT: CallContext = { lane: 'grow' }

/** Reads one order that a delivery named. */
@Injectable()
export class OrderReader {
  private readonly foreign = new ForeignOrders()

  constructor(
    private readonly prisma: PrismaService,
    private readonly platforms: Platforms,
    private readonly changes: ChangesReader,
    private readonly intake: OrderIntake,
    private readonly kept: DeadLetterStore,
  ) {}

  /** Throws to be tried again: the platform may show an order only some time after it told of it. */
  async read(job: OrderJob): Promise<void> {
    const { platform, orderId, delivery } = job
    const adapter = this.platforms.get(platform)
    const named = await this.listingsOf(job)
    // Many orders at once cost one read of what changed.
    if (adapter.subscribesPerEvent === true && (await this.foundAmongChanges(job, named))) return
    if (named.length === 0 && (await this.isForeign(job))) return
    const read = await adapter.getOrder(named[0] ? listingOf(named[0]) : null, orderId, CONTEXT)
    if (read.kind !== 'OK') return retry(read)
    const snapshot = read.value ?? saidSnapshot(job.said, delivery.receivedAt)
    if (!snapshot) throw new Error(`${platform} does not know order ${orderId} (yet)`)
    const sellers = named.length > 0 ? named : await this.channelsOf(platform, snapshot.externalEventId)
    if (sellers.length === 0) {
      this.foreign.add(`${platform}:${orderId}`, snapshot.externalEventId)
      const reason = `no channel sells ${platform} event ${snapshot.externalEventId}`
      return this.kept.keep(delivery, 'UNMATCHED', reason)
    }
    for (const channel of sellers) {
      await this.intake.take(channel, [snapshot])
      await this.touch(channel, delivery.receivedAt)
    }
  }

  /** By the event that the delivery or its subscription named, or by the order as it is recorded meanwhile. */
  private async listingsOf({ platform, orderId, externalEventId }: OrderJob): Promise<Channel[]> {
    if (externalEventId !== null) return this.channelsOf(platform, externalEventId)
    const orders = await this.prisma.order.findMany({
      where: { platform, externalOrderId: orderId },
      include: { event: { include: { channels: { where: { platform } } } } },
    })
    return orders.flatMap(({ event }) => event.channels)
  }

  private async foundAmongChanges({ platform, orderId, delivery }: OrderJob, listings: Channel[]): Promise<boolean> {
    const since = new Date(delivery.replayedAt ?? delivery.receivedAt)
    let found = false
    for (const channel of listings) {
      if (!channel.importedAt) continue
      await this.changes.read(channel, 'changed', 'grow', since)
      const { eventId } = channel
      const known = await this.prisma.order.findFirst({ where: { eventId, platform, externalOrderId: orderId } })
      if (!known) continue
      await this.touch(channel, delivery.receivedAt)
      found = true
    }
    return found
  }

  /** Of an event that was asked for before, and that no channel sells by now either. A replay asks anew. */
  private async isForeign({ platform, orderId, delivery }: OrderJob): Promise<boolean> {
    const eventId = this.foreign.eventOf(`${platform}:${orderId}`)
    if (eventId === null || delivery.replayedAt !== undefined) return false
    return (await this.channelsOf(platform, eventId)).length === 0
  }

  private channelsOf(platform: Platform, externalEventId: string): Promise<Channel[]> {
    return this.prisma.channel.findMany({ where: { platform, externalEventId, detachedAt: null } })
  }

  private async touch({ id }: Channel, receivedAt: string): Promise<void> {
    const lastWebhookAt = new Date(receivedAt)
    // A delivery that is sent through again is no news.
    const older = [{ lastWebhookAt: null }, { lastWebhookAt: { lt: lastWebhookAt } }]
    await this.prisma.channel.updateMany({ where: { id, OR: older }, data: { lastWebhookAt } })
  }
}

/** The platform no longer knows the order, and a delivery it signed said how it stood: both agree. */
function saidSnapshot(said: QueuedSnapshot | null, receivedAt: string): OrderSnapshot | null {
  if (!said) return null
  const version = new Date(receivedAt).toISOString()
  return { ...said, version, placedAt: said.placedAt === null ? null : new Date(said.placedAt) }
}

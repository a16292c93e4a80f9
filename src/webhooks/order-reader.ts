import { Injectable } from '@nestjs/common'
import { listingOf } from '../channels/adoption.js'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { OrderIntake } from '../inventory/order-intake.js'
import { Platforms } from '../platforms/platforms.js'
import type { CallContext } from '../platforms/port.js'
import { ChangesReader, retry } from './changes-reader.js'
import { KeptDeliveries } from './kept-deliveries.js'
import type { OrderJob, QueuedSnapshot } from './read-jobs.js'

const CONTEXT: CallContext = { lane: 'grow' }
/** Up to so many listings it is cheaper to read what changed on each than to ask for orders one by one. */
const FEW_LISTINGS = 3

/** Reads one order that a delivery named. */
@Injectable()
export class OrderReader {
  constructor(
    private readonly prisma: PrismaService,
    private readonly platforms: Platforms,
    private readonly changes: ChangesReader,
    private readonly intake: OrderIntake,
    private readonly kept: KeptDeliveries,
  ) {}

  /** Throws to be tried again: the platform may show an order only some time after it told of it. */
  async read(job: OrderJob): Promise<void> {
    if (job.externalEventId === null && (await this.foundAmongChanges(job))) return
    const { platform, orderId, delivery } = job
    const channels = job.externalEventId === null ? [] : await this.channelsOf(platform, job.externalEventId)
    const adapter = this.platforms.get(platform)
    const read = await adapter.getOrder(channels[0] ? listingOf(channels[0]) : null, orderId, CONTEXT)
    if (read.kind !== 'OK') return retry(read)
    const snapshot = read.value ?? saidSnapshot(job.said, delivery.receivedAt)
    if (!snapshot) throw new Error(`${platform} does not know order ${orderId} (yet)`)
    const sellers = channels.length > 0 ? channels : await this.channelsOf(platform, snapshot.externalEventId)
    if (sellers.length === 0) {
      const reason = `no channel sells ${platform} event ${snapshot.externalEventId}`
      return this.kept.keep(delivery, 'UNMATCHED', reason)
    }
    for (const channel of sellers) {
      await this.intake.take(channel, [snapshot])
      if (job.externalEventId === null) await this.touch(channel, delivery.receivedAt)
    }
  }

  /** Many orders at once cost one read of what changed, where few listings can be meant. */
  private async foundAmongChanges({ platform, orderId, delivery }: OrderJob): Promise<boolean> {
    const listings = await this.prisma.channel.findMany({
      where: { platform, adoptedAt: { not: null }, event: { closedSince: null } },
      take: FEW_LISTINGS + 1,
    })
    if (listings.length > FEW_LISTINGS) return false
    for (const channel of listings) {
      await this.changes.read(channel, 'changed', 'grow', new Date(delivery.replayedAt ?? delivery.receivedAt))
      const known = await this.prisma.order.findFirst({
        where: { eventId: channel.eventId, platform, externalOrderId: orderId },
      })
      if (!known) continue
      await this.touch(channel, delivery.receivedAt)
      return true
    }
    return false
  }

  private channelsOf(platform: Platform, externalEventId: string): Promise<Channel[]> {
    return this.prisma.channel.findMany({ where: { platform, externalEventId } })
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

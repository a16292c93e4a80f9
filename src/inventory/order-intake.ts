import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { noteOnSpan, traced } from '../infrastructure/tracing/spans.js'
import { OrderApplier, type AppliedOrder } from './order-applier.js'
import { StockEvents } from './stock-events.js'

/** Applies what was read of a channel's orders, and tells the features what it changed. */
@Injectable()
export class OrderIntake {
  constructor(
    private readonly prisma: PrismaService,
    private readonly applier: OrderApplier,
    private readonly events: StockEvents,
  ) {}

  async take(channel: Channel, snapshots: readonly OrderSnapshot[]): Promise<AppliedOrder[]> {
    const attributes = {
      'traffic_police.platform': channel.platform,
      'traffic_police.event_id': channel.eventId,
      'traffic_police.orders': snapshots.length,
    }
    return traced('apply orders', { attributes }, () => this.apply(channel, snapshots))
  }

  private async apply(channel: Channel, snapshots: readonly OrderSnapshot[]): Promise<AppliedOrder[]> {
    const platform = channel.platform as Platform
    const ticketClassId = channel.externalTicketClassId
    const facts = snapshots.map((snapshot) => ({ platform, snapshot, ticketClassId }))
    const applied = await this.applier.apply(channel.eventId, facts)
    const delta = applied.reduce((sum, order) => sum + order.delta, 0)
    noteOnSpan({ 'traffic_police.delta': delta })
    // What the platform counted before a cancellation says no more what is sold there.
    if (delta < 0) await this.prisma.channel.update({ where: { id: channel.id }, data: { platformSold: null } })
    if (applied.some(({ changed }) => changed)) {
      this.events.changed({ eventId: channel.eventId, channel: platform, delta, orders: applied })
    }
    return applied
  }
}

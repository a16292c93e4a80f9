import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { noteOnSpan, traced } from '../infrastructure/tracing/spans.js'
import { OrderApplier, type AppliedOrder } from './order-applier.js'
import { Quarantine, type Unstored } from './quarantine.js'
import { StockEvents } from './stock-events.js'

/** After this time a platform counts without a ticket whose cancellation it has told of, ms. */
const RECOUNT_MS = 1_000

/** Applies what was read of a channel's orders, and tells the features what it changed. */
@Injectable()
export class OrderIntake {
  constructor(
    private readonly prisma: PrismaService,
    private readonly applier: OrderApplier,
    private readonly events: StockEvents,
    private readonly quarantine: Quarantine,
  ) {}

  /** `unreadable`: rows of the same page that could not be read. They, and orders that cannot be stored, are quarantined. */
  async take(
    channel: Channel,
    snapshots: readonly OrderSnapshot[],
    unreadable: readonly Unstored[] = [],
  ): Promise<AppliedOrder[]> {
    const attributes = {
      'traffic_police.platform': channel.platform,
      'traffic_police.event_id': channel.eventId,
      'traffic_police.orders': snapshots.length,
    }
    return traced('apply orders', { attributes }, async () => {
      const applied = await this.apply(channel, snapshots)
      await this.quarantine.settle(channel, applied, unreadable)
      return applied
    })
  }

  private async apply(channel: Channel, snapshots: readonly OrderSnapshot[]): Promise<AppliedOrder[]> {
    const platform = channel.platform as Platform
    const ticketClassId = channel.externalTicketClassId
    const facts = snapshots.map((snapshot) => ({ platform, snapshot, ticketClassId }))
    const applied = await this.applier.apply(channel.eventId, facts)
    const delta = applied.reduce((sum, order) => sum + order.delta, 0)
    noteOnSpan({ 'traffic_police.delta': delta })
    if (delta < 0) await this.askForCount(channel.id)
    if (applied.some(({ changed }) => changed)) {
      this.events.changed({ eventId: channel.eventId, channel: platform, delta, orders: applied })
    }
    return applied
  }

  /**
   * A cancellation may be one that the platform's own count had left out already: that count stands until the platform
   * counts again, soon, where it keeps units from others.
   */
  private async askForCount(channelId: string): Promise<void> {
    const at = new Date(Date.now() + RECOUNT_MS)
    await this.prisma.$executeRaw`
      UPDATE channels SET recount_at = LEAST(recount_at, ${at}::timestamptz), recounts = 0
      WHERE id = ${channelId} AND platform_sold IS NOT NULL AND (desired_mode <> 'OPEN' OR paused_since IS NOT NULL
        OR platform_sold + pending_tickets > LEAST(confirmed_cap, desired_cap))`
  }
}

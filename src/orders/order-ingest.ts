import { Injectable } from '@nestjs/common'
import type { OrderSnapshot } from '../domain/orders/order-snapshot.js'
import type { Channel } from '../domain/channel-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { setSpanAttributes, traced } from '../infrastructure/tracing/spans.js'
import { OrderApplier } from './order-applier.js'
import type { AppliedOrder } from '../domain/orders/applied-order.js'
import { RecountRequests } from './recount-requests.js'
import { Quarantine, type RejectedRecord } from './quarantine.js'
import { StockEvents } from '../stock/stock-events.js'

/** Time after which a platform's count excludes a ticket whose cancellation it has reported, ms. */
const RECOUNT_DELAY_MS = 1_000

/** Applies orders read from a channel and notifies listeners of the changes. */
@Injectable()
export class OrderIngest {
  constructor(
    private readonly recounts: RecountRequests,
    private readonly applier: OrderApplier,
    private readonly events: StockEvents,
    private readonly quarantine: Quarantine,
    private readonly clock: Clock,
  ) {}

  /** `unreadable`: rows of the same page that could not be parsed. They are quarantined, as are orders that cannot be stored. */
  async ingest(
    channel: Channel,
    snapshots: readonly OrderSnapshot[],
    unreadable: readonly RejectedRecord[] = [],
  ): Promise<AppliedOrder[]> {
    const attributes = {
      'traffic_police.platform': channel.platform,
      'traffic_police.event_id': channel.eventId,
      'traffic_police.orders': snapshots.length,
    }
    return traced('apply orders', { attributes }, async () => {
      const applied = await this.apply(channel, snapshots)
      await this.quarantine.recordPage(channel, applied, unreadable)
      return applied
    })
  }

  private async apply(channel: Channel, snapshots: readonly OrderSnapshot[]): Promise<AppliedOrder[]> {
    const { platform, externalTicketClassId: ticketClassId } = channel
    const orders = snapshots.map((snapshot) => ({ channelId: channel.id, platform, snapshot, ticketClassId }))
    const applied = await this.applier.apply(channel.eventId, orders)
    const delta = applied.reduce((sum, order) => sum + order.delta, 0)
    setSpanAttributes({ 'traffic_police.delta': delta })
    if (delta < 0) await this.requestRecount(channel.id)
    if (applied.some(({ changed }) => changed)) {
      this.events.emitChanged({ eventId: channel.eventId, channel: platform, delta, orders: applied })
    }
    return applied
  }

  /**
   * The platform's own count may already have excluded this cancellation. Schedules a new count if the current one blocks
   * units for other channels.
   */
  private async requestRecount(channelId: string): Promise<void> {
    await this.recounts.request(channelId, new Date(this.clock.now().getTime() + RECOUNT_DELAY_MS))
  }
}

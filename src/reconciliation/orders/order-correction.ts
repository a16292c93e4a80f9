import { Injectable } from '@nestjs/common'
import { ChannelStore } from '../../channels/channel-store.js'
import type { Channel } from '../../domain/channel-record.js'
import type { AppliedOrder } from '../../domain/orders/applied-order.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import { OrderIngest } from '../../orders/order-ingest.js'
import { orderKey, OrderStore } from '../../orders/order-store.js'
import type { Drift } from '../drift/drift.js'
import { DriftStore } from '../drift/drift-store.js'
import { compareOrder } from './order-comparison.js'
import { orderDrifts, type OrderDrift } from './order-drifts.js'
import { quarantinedDrift } from '../drift/unreadable-drifts.js'
import { asOf, outdatedBy, type OutdatedOrder } from './outdated-orders.js'
import type { OrderBatch } from './staged-orders.js'

interface Found extends OrderDrift {
  orderId: string
}

export interface Corrected {
  drifts: Drift[]
  /** Orders that differ from the record, but are shown as of an earlier change: they were not corrected. */
  outdated: Map<string, OutdatedOrder>
}

export interface CorrectOptions {
  /** When the reading started. */
  startedAt: Date
  /** Orders that the platform no longer shows. */
  removed?: ReadonlySet<string>
  /** Changes nothing. */
  dryRun: boolean
}

/** Compares a batch of orders with the ledger and applies the differences through the regular order ingest. */
@Injectable()
export class OrderCorrection {
  constructor(
    private readonly channels: ChannelStore,
    private readonly drifts: DriftStore,
    private readonly orderIngest: OrderIngest,
    private readonly orders: OrderStore,
  ) {}

  /** Throws when Redis or PostgreSQL is unavailable. */
  async correct(
    channel: Channel,
    batch: OrderBatch,
    { startedAt, removed, dryRun }: CorrectOptions,
  ): Promise<Corrected> {
    const compared = await this.compare(channel, batch, startedAt)
    const found = await this.withoutReported(channel, compared.found)
    const toCorrect = new Set(found.filter(({ correctable }) => correctable).map(({ orderId }) => orderId))
    const applied = dryRun ? [] : await this.apply(channel, batch, toCorrect)
    const changed = new Set(applied.filter((order) => order.changed).map(({ externalOrderId }) => externalOrderId))
    const drifts = found
      // An order applied concurrently by a regular read was not missing, only late.
      .filter(({ correctable, orderId }) => dryRun || !correctable || changed.has(orderId))
      .map(({ orderId, kind, ledger, platform, detail, correctable }) => ({
        eventId: channel.eventId,
        channel: channel.platform,
        kind,
        externalOrderId: orderId,
        ledger,
        platform,
        corrected: correctable && !dryRun,
        detail: removed?.has(orderId) ? `${detail}; two readings no longer show the order` : detail,
      }))
    const refused = applied.flatMap(({ externalOrderId: orderId, refused: reason }) =>
      reason === null ? [] : [quarantinedDrift(channel, { orderId, reason })],
    )
    return { drifts: [...drifts, ...refused], outdated: compared.outdated }
  }

  private async compare(
    channel: Channel,
    batch: OrderBatch,
    startedAt: Date,
  ): Promise<{ found: Found[]; outdated: Corrected['outdated'] }> {
    const { id: channelId, eventId, platform, externalTicketClassId: ticketClassId } = channel
    const keys = [...batch.keys()].map((externalOrderId) => ({ channelId, externalOrderId }))
    const { orders: recorded } = await this.orders.readOrders(null, eventId, keys)
    const soldClasses = await this.soldClasses(channel)
    const outdated: Corrected['outdated'] = new Map()
    const found = [...batch].flatMap(([orderId, snapshots]) => {
      const order = recorded.get(orderKey(channelId, orderId)) ?? null
      const driftsOf = (shown: readonly OrderSnapshot[]) => {
        const observedOrders = shown.map((snapshot) => ({ channelId, platform, snapshot, ticketClassId }))
        return orderDrifts(compareOrder(order, observedOrders, soldClasses))
      }
      const older = order && outdatedBy(order.version, snapshots, startedAt)
      if (older && driftsOf(asOf(older.recorded, snapshots)).some(({ correctable }) => correctable))
        outdated.set(orderId, older)
      return driftsOf(snapshots).map((drift) => ({ ...drift, orderId }))
    })
    return { found, outdated }
  }

  private async apply(channel: Channel, batch: OrderBatch, toCorrect: ReadonlySet<string>): Promise<AppliedOrder[]> {
    const snapshots = [...toCorrect].flatMap((orderId) => batch.get(orderId) ?? [])
    return snapshots.length === 0 ? [] : this.orderIngest.ingest(channel, snapshots)
  }

  /** The ticket classes that channels of this listing sell; null: one of them sells all. */
  private async soldClasses({ platform, externalEventId }: Channel): Promise<Set<string> | null> {
    const channels = await this.channels.matching(null, {
      platform,
      externalEventIds: [externalEventId],
    })
    const classes = channels.map(({ externalTicketClassId }) => externalTicketClassId)
    return classes.includes(null) ? null : new Set(classes.filter((id) => id !== null))
  }

  /** Drops sales in unsold ticket classes that are reported already: each is reported once, and again when it changes. */
  private async withoutReported(channel: Channel, found: Found[]): Promise<Found[]> {
    const unsold = found.filter(({ kind, correctable }) => kind === 'UNKNOWN_TICKET_CLASS' && !correctable)
    if (unsold.length === 0) return found
    const { eventId, platform } = channel
    const reported = await this.drifts.lastReported(
      { eventId, channel: platform, kind: 'UNKNOWN_TICKET_CLASS' },
      unsold.map(({ orderId }) => orderId),
    )
    return found.filter((drift) => !unsold.includes(drift) || reported.get(drift.orderId) !== drift.platform)
  }
}

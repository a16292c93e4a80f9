import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { AppliedOrder } from '../inventory/order-applier.js'
import { OrderIntake } from '../inventory/order-intake.js'
import { orderKey, readOrders } from '../inventory/order-rows.js'
import type { Drift } from './drift.js'
import { compareOrder } from './order-comparison.js'
import { orderDrifts, type OrderDrift } from './order-drifts.js'
import { quarantined } from './quarantined.js'
import type { OrderBatch } from './staged-orders.js'

interface Found extends OrderDrift {
  orderId: string
}

/** Compares a batch of orders with the ledger and applies what differs, by the one way in which sales enter it. */
@Injectable()
export class OrderCorrection {
  constructor(
    private readonly prisma: PrismaService,
    private readonly intake: OrderIntake,
  ) {}

  /** `gone`: orders that the platform shows nowhere any more. Throws when Redis or PostgreSQL does not answer. */
  async correct(channel: Channel, batch: OrderBatch, gone: ReadonlySet<string>, dryRun: boolean): Promise<Drift[]> {
    const found = await this.withoutKnown(channel, await this.compare(channel, batch))
    const wrong = new Set(found.filter(({ correctable }) => correctable).map(({ orderId }) => orderId))
    const applied = dryRun ? [] : await this.apply(channel, batch, wrong)
    const changed = new Set(applied.filter((order) => order.changed).map(({ externalOrderId }) => externalOrderId))
    const drifts = found
      // What somebody else has applied meanwhile was not missing, only late.
      .filter(({ correctable, orderId }) => dryRun || !correctable || changed.has(orderId))
      .map(({ orderId, kind, ledger, platform, detail, correctable }) => ({
        eventId: channel.eventId,
        channel: channel.platform as Platform,
        kind,
        externalOrderId: orderId,
        ledger,
        platform,
        corrected: correctable && !dryRun,
        detail: gone.has(orderId) ? `${detail}; two readings no longer show it` : detail,
      }))
    const refused = applied.flatMap(({ externalOrderId: orderId, refused: reason }) =>
      reason === null ? [] : [quarantined(channel, { orderId, reason })],
    )
    return [...drifts, ...refused]
  }

  private async compare(channel: Channel, batch: OrderBatch): Promise<Found[]> {
    const platform = channel.platform as Platform
    const { eventId, externalTicketClassId: ticketClassId } = channel
    const keys = [...batch.keys()].map((externalOrderId) => ({ platform, externalOrderId }))
    const { orders: recorded } = await readOrders(this.prisma, eventId, keys)
    const soldClasses = await this.soldClasses(channel)
    return [...batch].flatMap(([orderId, snapshots]) => {
      const facts = snapshots.map((snapshot) => ({ platform, snapshot, ticketClassId }))
      const order = recorded.get(orderKey(platform, orderId)) ?? null
      return orderDrifts(compareOrder(order, facts, soldClasses)).map((drift) => ({ ...drift, orderId }))
    })
  }

  private async apply(channel: Channel, batch: OrderBatch, wrong: ReadonlySet<string>): Promise<AppliedOrder[]> {
    const snapshots = [...wrong].flatMap((orderId) => batch.get(orderId) ?? [])
    return snapshots.length === 0 ? [] : this.intake.take(channel, snapshots)
  }

  /** The ticket classes that channels of this listing sell; null: one of them sells all. */
  private async soldClasses({ platform, externalEventId }: Channel): Promise<Set<string> | null> {
    const channels = await this.prisma.channel.findMany({ where: { platform, externalEventId } })
    const classes = channels.map(({ externalTicketClassId }) => externalTicketClassId)
    return classes.includes(null) ? null : new Set(classes.filter((id) => id !== null))
  }

  /** Sales in classes of nobody's are told once and then have an open record; they are told again when they change. */
  private async withoutKnown({ eventId, platform }: Channel, found: Found[]): Promise<Found[]> {
    const open = found.filter(({ kind, correctable }) => kind === 'UNKNOWN_TICKET_CLASS' && !correctable)
    if (open.length === 0) return found
    const kind = 'UNKNOWN_TICKET_CLASS' as const
    const items = await this.prisma.reconciliationItem.findMany({
      where: {
        eventId,
        channel: platform,
        kind,
        run: { dryRun: false },
        externalOrderId: { in: open.map(({ orderId }) => orderId) },
      },
      orderBy: { id: 'asc' },
      select: { externalOrderId: true, platform: true },
    })
    const told = new Map(items.map((item) => [item.externalOrderId, item.platform]))
    return found.filter((drift) => !open.includes(drift) || told.get(drift.orderId) !== drift.platform)
  }
}

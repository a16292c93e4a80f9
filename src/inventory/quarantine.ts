import { Injectable } from '@nestjs/common'
import { Prisma, type Channel } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { wellFormed } from '../infrastructure/text/well-formed.js'
import type { AppliedOrder } from './order-applier.js'

/** What is kept aside: an order, or a row that does not tell which one it belongs to. Holds no personal data. */
export interface Unstored {
  orderId: string | null
  reason: string
}

const MAX_TEXT = 500

/** Orders and rows that could not be read or stored, per channel. A record is open until its order can be stored. */
@Injectable()
export class Quarantine {
  constructor(private readonly prisma: PrismaService) {}

  /** After a page: keeps what could not be read or stored, and resolves what could. */
  async settle(channel: Channel, applied: readonly AppliedOrder[], unreadable: readonly Unstored[]): Promise<void> {
    const refused = applied.flatMap(({ externalOrderId, refused: reason }) =>
      reason === null ? [] : [{ orderId: externalOrderId, reason }],
    )
    const found = [...unreadable, ...refused]
    await this.keep(channel, found)
    const open = new Set(found.map(({ orderId }) => orderId))
    const stored = applied.map(({ externalOrderId }) => externalOrderId).filter((orderId) => !open.has(orderId))
    await this.resolve(channel, stored)
  }

  /** Opens a record for each, or notes that it was met again. */
  async keep({ id: channelId, eventId, platform }: Channel, found: readonly Unstored[]): Promise<void> {
    const rows = new Map(found.map((one) => [one.orderId ?? `\n${one.reason}`, recordOf(one)]))
    if (rows.size === 0) return
    const values = [...rows.values()].map(
      ({ externalOrderId, reason, excerpt }) =>
        Prisma.sql`(${newId('qtn')}, ${eventId}, ${channelId}, ${platform}::"ChannelName", ${externalOrderId}, ${reason}, ${excerpt})`,
    )
    await this.prisma.$executeRaw`
      INSERT INTO quarantined_records AS q (id, event_id, channel_id, platform, external_order_id, reason, excerpt)
      VALUES ${Prisma.join(values)}
      ON CONFLICT (channel_id, (COALESCE(external_order_id, '')), (CASE WHEN external_order_id IS NULL THEN reason ELSE '' END))
        WHERE resolved_at IS NULL
      DO UPDATE SET reason = EXCLUDED.reason, excerpt = EXCLUDED.excerpt, attempts = q.attempts + 1, last_seen_at = now()`
  }

  /** These orders are stored by now. Asks first: almost always there is nothing to resolve. */
  async resolve({ id: channelId }: Channel, orderIds: readonly string[]): Promise<void> {
    const open = await this.prisma.quarantinedRecord.findMany({
      where: { channelId, resolvedAt: null, externalOrderId: { not: null } },
      select: { id: true, externalOrderId: true },
    })
    const stored = new Set(orderIds)
    const ids = open.filter(({ externalOrderId }) => stored.has(externalOrderId ?? '')).map(({ id }) => id)
    if (ids.length === 0) return
    await this.prisma.quarantinedRecord.updateMany({ where: { id: { in: ids } }, data: { resolvedAt: new Date() } })
  }

  /** A whole listing that began at `since` no longer shows what is open from before. */
  async resolveUnseen({ id: channelId }: Channel, since: Date): Promise<void> {
    const where = { channelId, resolvedAt: null, lastSeenAt: { lt: since } }
    await this.prisma.quarantinedRecord.updateMany({ where, data: { resolvedAt: new Date() } })
  }
}

function recordOf({ orderId, reason }: Unstored) {
  const text = (value: string) => wellFormed(value).slice(0, MAX_TEXT)
  return {
    externalOrderId: orderId === null ? null : text(orderId),
    reason: text(reason),
    // As JSON, so that what could not be stored as it is can be told.
    excerpt: orderId === null ? null : text(JSON.stringify({ orderId })),
  }
}

import { Injectable } from '@nestjs/common'
import { Prisma, type Channel } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { wellFormed } from '../infrastructure/text/well-formed.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { AppliedOrder } from './order-applier.js'

/** A record to be quarantined: an order, or a row without an order id. Contains no personal data. */
export interface RejectedRecord {
  orderId: string | null
  reason: string
}

const MAX_TEXT_LENGTH = 500

/** Orders and rows that could not be parsed or stored, per channel. A record is open until its order can be stored. */
@Injectable()
export class Quarantine {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** After a page: quarantines records that could not be parsed or stored, and resolves those that could. */
  async recordPage(
    channel: Channel,
    applied: readonly AppliedOrder[],
    unreadable: readonly RejectedRecord[],
  ): Promise<void> {
    const refused = applied.flatMap(({ externalOrderId, refused: reason }) =>
      reason === null ? [] : [{ orderId: externalOrderId, reason }],
    )
    const rejected = [...unreadable, ...refused]
    await this.add(channel, rejected)
    const stillOpen = new Set(rejected.map(({ orderId }) => orderId))
    const stored = applied.map(({ externalOrderId }) => externalOrderId).filter((orderId) => !stillOpen.has(orderId))
    await this.resolve(channel, stored)
  }

  /** Opens a record for each, or increments the attempts of an open one. */
  async add({ id: channelId, eventId, platform }: Channel, rejected: readonly RejectedRecord[]): Promise<void> {
    const rows = new Map(rejected.map((record) => [record.orderId ?? `\n${record.reason}`, rowOf(record)]))
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

  /** Resolves the records of stored orders. Reads first: usually there is nothing to resolve. */
  async resolve({ id: channelId }: Channel, orderIds: readonly string[]): Promise<void> {
    const open = await this.prisma.quarantinedRecord.findMany({
      where: { channelId, resolvedAt: null, externalOrderId: { not: null } },
      select: { id: true, externalOrderId: true },
    })
    const stored = new Set(orderIds)
    const ids = open.filter(({ externalOrderId }) => stored.has(externalOrderId ?? '')).map(({ id }) => id)
    if (ids.length === 0) return
    const data = { resolvedAt: this.clock.now() }
    await this.prisma.quarantinedRecord.updateMany({ where: { id: { in: ids } }, data })
  }

  /** Resolves records that a full read, started at `since`, no longer found. */
  async resolveUnseen({ id: channelId }: Channel, since: Date): Promise<void> {
    const where = { channelId, resolvedAt: null, lastSeenAt: { lt: since } }
    await this.prisma.quarantinedRecord.updateMany({ where, data: { resolvedAt: this.clock.now() } })
  }
}

function rowOf({ orderId, reason }: RejectedRecord) {
  const text = (value: string) => wellFormed(value).slice(0, MAX_TEXT_LENGTH)
  return {
    externalOrderId: orderId === null ? null : text(orderId),
    reason: text(reason),
    // As JSON, so that text that cannot be stored verbatim remains readable.
    excerpt: orderId === null ? null : text(JSON.stringify({ orderId })),
  }
}

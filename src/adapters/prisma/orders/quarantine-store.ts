import type { Platform } from '../../../domain/channel.js'
import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import { Prisma, type PrismaClient } from '../../../generated/prisma/client.js'
import { newId } from '../../../infrastructure/ids.js'
import {
  QuarantineStore,
  type QuarantinedRecord,
  type QuarantineFilter,
  type QuarantineRow,
} from '../../../orders/quarantine-store.js'

const WHERE_STATE = { open: { resolvedAt: null }, resolved: { resolvedAt: { not: null } }, all: {} } as const

export class PrismaQuarantineStore extends QuarantineStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async add(
    { id: channelId, eventId, platform }: { id: string; eventId: string; platform: Platform },
    rows: readonly QuarantineRow[],
  ): Promise<void> {
    if (rows.length === 0) return
    const values = rows.map(
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

  async openOrders(channelId: string): Promise<{ id: string; externalOrderId: string }[]> {
    const rows = await this.prisma.quarantinedRecord.findMany({
      where: { channelId, resolvedAt: null, externalOrderId: { not: null } },
      select: { id: true, externalOrderId: true },
    })
    return rows.map(({ id, externalOrderId }) => ({ id, externalOrderId: externalOrderId ?? '' }))
  }

  openPlaces(): Promise<{ eventId: string; platform: Platform }[]> {
    return this.prisma.$queryRaw<{ eventId: string; platform: Platform }[]>`
      SELECT DISTINCT event_id AS "eventId", platform::text AS platform FROM quarantined_records
      WHERE resolved_at IS NULL`
  }

  async resolve(ids: readonly string[], at: Date): Promise<void> {
    if (ids.length === 0) return
    await this.prisma.quarantinedRecord.updateMany({ where: { id: { in: [...ids] } }, data: { resolvedAt: at } })
  }

  async resolveUnseen(channelId: string, since: Date, at: Date): Promise<void> {
    const where = { channelId, resolvedAt: null, lastSeenAt: { lt: since } }
    await this.prisma.quarantinedRecord.updateMany({ where, data: { resolvedAt: at } })
  }

  async newest({ state, before }: QuarantineFilter, limit: number): Promise<QuarantinedRecord[]> {
    const older = before === undefined ? {} : { id: { lt: before } }
    const where = { ...older, ...WHERE_STATE[state] }
    const rows = await this.prisma.quarantinedRecord.findMany({ where, orderBy: { id: 'desc' }, take: limit })
    return rows.map(withPlatform)
  }

  async oldestOpen(limit: number): Promise<QuarantinedRecord[]> {
    const oldest = { orderBy: { id: 'asc' }, take: limit } as const
    return (await this.prisma.quarantinedRecord.findMany({ where: WHERE_STATE.open, ...oldest })).map(withPlatform)
  }

  async find(recordId: string): Promise<QuarantinedRecord | null> {
    const row = await this.prisma.quarantinedRecord.findUnique({ where: { id: recordId } })
    return row && withPlatform(row)
  }

  async deleteResolved(before: Date): Promise<void> {
    await this.prisma.quarantinedRecord.deleteMany({ where: { resolvedAt: { lt: before } } })
  }
}

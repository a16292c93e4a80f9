import { platformOf, type Platform } from '../../../domain/channel.js'
import { Prisma, type PrismaClient, type ReconciliationItem } from '../../../generated/prisma/client.js'
import {
  DriftStore,
  type DriftItem,
  type OpenDrift,
  type ReportedDrift,
} from '../../../reconciliation/drift/drift-store.js'
import type { DriftKind, DriftValue } from '../../../reconciliation/drift/drift.js'

const RECORDED = { run: { dryRun: false } } as const

export class PrismaDriftStore extends DriftStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async add(items: readonly Omit<DriftItem, 'createdAt'>[]): Promise<void> {
    if (items.length === 0) return
    const data = items.map((item) => ({ ...item, ledger: toJson(item.ledger), platform: toJson(item.platform) }))
    await this.prisma.reconciliationItem.createMany({ data })
  }

  async ofRun(runId: string, limit: number): Promise<DriftItem[]> {
    const page = { orderBy: { id: 'asc' }, take: limit } as const
    return (await this.prisma.reconciliationItem.findMany({ where: { runId }, ...page })).map(itemOf)
  }

  countOfRun(runId: string): Promise<number> {
    return this.prisma.reconciliationItem.count({ where: { runId } })
  }

  async newestOf(eventId: string, before: string | undefined, limit: number): Promise<DriftItem[]> {
    const older = before === undefined ? {} : { id: { lt: before } }
    const page = { orderBy: { id: 'desc' }, take: limit } as const
    const rows = await this.prisma.reconciliationItem.findMany({ where: { ...older, eventId, ...RECORDED }, ...page })
    return rows.map(itemOf)
  }

  async countOpen(runId: string, eventId: string): Promise<OpenDrift[]> {
    const groups = await this.prisma.reconciliationItem.groupBy({
      by: ['channel', 'kind'],
      where: { runId, eventId, corrected: false },
      _count: true,
    })
    return groups.map(({ channel, kind, _count }) => ({ channel: channel && platformOf(channel), kind, count: _count }))
  }

  async settled<T extends ReportedDrift>(reported: readonly T[]): Promise<T[]> {
    if (reported.length === 0) return []
    const values = reported.map(
      ({ eventId, channel, since }, index) =>
        Prisma.sql`(${index}::int, ${eventId}, ${channel}::"ChannelName", ${since}::timestamptz)`,
    )
    const rows = await this.prisma.$queryRaw<{ index: number }[]>`
      SELECT reported.index FROM (VALUES ${Prisma.join(values)}) AS reported (index, event_id, channel, since)
      WHERE EXISTS (
        SELECT 1 FROM reconciliation_runs r
        WHERE r.state = 'SUCCEEDED' AND NOT r.dry_run AND r.started_at > reported.since
          AND (r.event_id IS NULL OR r.event_id = reported.event_id)
          AND NOT EXISTS (
            SELECT 1 FROM reconciliation_items i
            WHERE i.run_id = r.id AND i.event_id = reported.event_id AND NOT i.corrected
              AND i.channel IS NOT DISTINCT FROM reported.channel))`
    const settled = new Set(rows.map(({ index }) => index))
    return reported.filter((_, index) => settled.has(index))
  }

  async deleteOpen(runId: string, afterEventId: string | null): Promise<void> {
    const rest = afterEventId === null ? {} : { eventId: { gt: afterEventId } }
    await this.prisma.reconciliationItem.deleteMany({ where: { runId, corrected: false, ...rest } })
  }

  async lastReported(
    { eventId, channel, kind }: { eventId: string; channel: Platform; kind: DriftKind },
    orderIds: readonly string[],
  ): Promise<Map<string, DriftValue>> {
    const items = await this.prisma.reconciliationItem.findMany({
      where: { eventId, channel, kind, ...RECORDED, externalOrderId: { in: [...orderIds] } },
      orderBy: { id: 'asc' },
      select: { externalOrderId: true, platform: true },
    })
    return new Map(items.map((item) => [item.externalOrderId ?? '', item.platform as DriftValue]))
  }
}

function itemOf(row: ReconciliationItem): DriftItem {
  return {
    ...row,
    channel: row.channel && platformOf(row.channel),
    ledger: row.ledger as DriftValue,
    platform: row.platform as DriftValue,
  }
}

function toJson(value: DriftValue): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value ?? Prisma.DbNull
}

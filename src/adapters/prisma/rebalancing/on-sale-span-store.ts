import { OnSaleSpanStore, type OnSaleSpan } from '../../../rebalancing/on-sale-span-store.js'
import { ENDED_AT } from '../../../infrastructure/prisma/live-events.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'

export class PrismaOnSaleSpanStore extends OnSaleSpanStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  newest(eventId: string, limit: number): Promise<OnSaleSpan[]> {
    const orderBy = [{ openedAt: 'desc' }, { channelId: 'asc' }] as const
    return this.prisma.onSaleSpan.findMany({ where: { eventId }, orderBy: [...orderBy], take: limit })
  }

  latest(eventId: string): Promise<OnSaleSpan[]> {
    return this.prisma.$queryRaw`
      SELECT DISTINCT ON (channel_id) event_id AS "eventId", channel_id AS "channelId", opened_at AS "openedAt", closed_at AS "closedAt"
      FROM on_sale_spans WHERE event_id = ${eventId} ORDER BY channel_id, opened_at DESC`
  }

  async open(span: OnSaleSpan): Promise<void> {
    await this.prisma.onSaleSpan.createMany({ data: span, skipDuplicates: true })
  }

  async close(
    { eventId, channelId, openedAt }: Pick<OnSaleSpan, 'eventId' | 'channelId' | 'openedAt'>,
    closedAt: Date,
  ): Promise<void> {
    await this.prisma.onSaleSpan.updateMany({
      where: { eventId, channelId, openedAt, closedAt: null },
      data: { closedAt },
    })
  }

  async closeStopped(): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE on_sale_spans s
      SET closed_at = GREATEST(s.opened_at, LEAST(e.paused_since, e.red_alarm_since, e.closed_since, ${ENDED_AT}))
      FROM events e
      WHERE e.id = s.event_id AND s.closed_at IS NULL
        AND COALESCE(e.paused_since, e.red_alarm_since, e.closed_since, ${ENDED_AT}) IS NOT NULL`
  }
}

import type { Channel } from '../../../domain/records/channel.js'
import { OutageStore } from '../../../fail-safe/outage-store.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import { openEvents } from '../../../infrastructure/prisma/live-events.js'

const RECENT_SALES_WINDOW = '10 minutes'

export class PrismaOutageStore extends OutageStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async recentSales(): Promise<Map<string, number>> {
    const rows = await this.prisma.$queryRaw<{ id: string; tickets: bigint }[]>`
      SELECT event_id AS id, SUM(quantity) AS tickets FROM orders
      WHERE seen_at > now() - ${RECENT_SALES_WINDOW}::interval AND platform <> 'DIRECT' GROUP BY 1`
    return new Map(rows.map(({ id, tickets }) => [id, Number(tickets)]))
  }

  async openEventsBySoonestStart(now: Date): Promise<string[]> {
    const order = { orderBy: { startsAt: 'asc' }, select: { id: true } } as const
    const rows = await this.prisma.event.findMany({ where: openEvents(now), ...order })
    return rows.map(({ id }) => id)
  }

  async channelsToSweep(now: Date): Promise<Channel[]> {
    const rows = await this.prisma.channel.findMany({
      where: { needsSweepSince: { not: null }, detachedAt: null, event: openEvents(now) },
      orderBy: [{ needsSweepSince: 'asc' }, { lastPullAt: { sort: 'asc', nulls: 'first' } }],
    })
    return rows.map(withPlatform)
  }

  async importedChannels(now: Date): Promise<Channel[]> {
    const rows = await this.prisma.channel.findMany({
      where: { importedAt: { not: null }, detachedAt: null, event: openEvents(now) },
      orderBy: { lastPullAt: { sort: 'asc', nulls: 'first' } },
    })
    return rows.map(withPlatform)
  }

  async clearSweepError(channelId: string): Promise<void> {
    const where = { id: channelId, syncError: { startsWith: 'sweep:' } }
    await this.prisma.channel.updateMany({ where, data: { syncError: null } })
  }

  async completeSweep(channelId: string, since: Date): Promise<void> {
    const where = { id: channelId, needsSweepSince: since }
    await this.prisma.channel.updateMany({ where, data: { needsSweepSince: null } })
  }

  async recordSweepError(channelId: string, error: string): Promise<void> {
    await this.prisma.channel.update({ where: { id: channelId }, data: { syncError: `sweep: ${error}` } })
  }

  async requireSweep(eventId: string, since: Date): Promise<void> {
    await this.prisma.channel.updateMany({ where: { eventId }, data: { needsSweepSince: since } })
  }
}

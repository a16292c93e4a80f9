import { Injectable } from '@nestjs/common'
import { namedMove } from '../domain/rebalancing/named-move.js'
import { pageArgs, toPage, type Page, type PageQuery } from '../infrastructure/http/requests/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { requireEvent } from '../infrastructure/prisma/require-event.js'
import type { ChannelDetailDto, LiveHoldDto, RebalanceMoveDto } from './event-reads.dto.js'

/** Data of the event page other than the stock. All methods throw NotFound. */
@Injectable()
export class EventReads {
  constructor(private readonly prisma: PrismaService) {}

  async rebalances(eventId: string, query: PageQuery): Promise<Page<RebalanceMoveDto>> {
    await requireEvent(this.prisma, eventId)
    const channels = await this.prisma.channel.findMany({ where: { eventId } })
    const { where, ...page } = pageArgs(query)
    const rows = await this.prisma.rebalanceMove.findMany({ ...page, where: { ...where, eventId } })
    return toPage(rows, query.limit, (move) => ({
      id: move.id,
      ...namedMove(move, channels),
      plannedAt: move.plannedAt.toISOString(),
      confirmedAt: move.confirmedAt?.toISOString() ?? null,
    }))
  }

  /** Holds that still reserve units. */
  async liveHolds(eventId: string, query: PageQuery): Promise<Page<LiveHoldDto>> {
    await requireEvent(this.prisma, eventId)
    const { where, ...page } = pageArgs(query)
    const rows = await this.prisma.hold.findMany({
      ...page,
      where: { ...where, eventId, state: { in: ['HELD', 'PAYMENT_PENDING'] } },
      include: { account: { select: { name: true } } },
    })
    return toPage(rows, query.limit, ({ id, state, source, quantity, seats, account, createdAt, expiresAt }) => ({
      id,
      state,
      source,
      quantity,
      seats,
      holder: account?.name ?? 'Waitlist',
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }))
  }

  async channels(eventId: string): Promise<Page<ChannelDetailDto>> {
    await requireEvent(this.prisma, eventId)
    const rows = await this.prisma.channel.findMany({
      where: { eventId },
      orderBy: [{ platform: 'asc' }, { id: 'asc' }],
    })
    const items = rows.map((row) => ({
      id: row.id,
      platform: row.platform,
      label: row.label,
      desiredMode: row.desiredMode,
      desiredVersion: row.desiredVersion,
      confirmedVersion: row.confirmedVersion,
      unconfirmedCap: row.unconfirmedCap,
      unconfirmedSince: row.unconfirmedSince?.toISOString() ?? null,
      pendingTickets: row.pendingTickets,
      lastPullAt: row.lastPullAt?.toISOString() ?? null,
      waitlistAvailable: row.waitlistAvailable,
      syncError: row.syncError,
      pausedSince: row.pausedSince?.toISOString() ?? null,
      importedAt: row.importedAt?.toISOString() ?? null,
    }))
    return { items, nextCursor: null }
  }
}

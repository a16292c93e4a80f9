import { Injectable } from '@nestjs/common'
import type { Order } from '../../generated/prisma/client.js'
import {
  containsText,
  pageArgs,
  readNumberCursor,
  toPage,
  type Page,
} from '../../infrastructure/http/requests/pagination.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { requireEvent } from '../../infrastructure/prisma/require-event.js'
import { accountsNamed, namedSides } from './account-names.js'
import type { MovementDto, MovementsQuery, OrderDto, OrdersQuery, TicketDto, TicketsQuery } from './history.dto.js'

/** Movements, orders and tickets of an event, newest first. */
@Injectable()
export class History {
  constructor(private readonly prisma: PrismaService) {}

  /** Throws NotFound, like the others. */
  async movements(eventId: string, query: MovementsQuery): Promise<Page<MovementDto>> {
    await requireEvent(this.prisma, eventId)
    const after = readNumberCursor(query.cursor)
    const { account, q } = query
    const channels = await this.prisma.channel.findMany({ where: { eventId } })
    const accounts = account === undefined ? null : { in: accountsNamed(account, channels) }
    const rows = await this.prisma.stockMovement.findMany({
      where: {
        eventId,
        ...(after === undefined ? {} : { id: { lt: after } }),
        ...(accounts ? { OR: [{ from: accounts }, { to: accounts }] } : {}),
        ...(q ? { operation: { reason: containsText(q) } } : {}),
      },
      orderBy: { id: 'desc' },
      take: query.limit + 1,
      include: { operation: true },
    })
    return toPage(rows, query.limit, ({ id, from, to, quantity, operationId, operation }) => ({
      id: String(id),
      ...namedSides(from, to, channels),
      quantity,
      reason: operation.reason,
      operationId,
      epoch: operation.epoch,
      seq: operation.seq,
      actor: operation.actor,
      recordedAt: operation.recordedAt.toISOString(),
    }))
  }

  async orders(eventId: string, query: OrdersQuery): Promise<Page<OrderDto>> {
    await requireEvent(this.prisma, eventId)
    const { where, ...page } = pageArgs(query)
    const { platform, state } = query
    const filter = { eventId, ...(platform ? { platform } : {}), ...(state ? { state } : {}) }
    const rows = await this.prisma.order.findMany({ ...page, where: { ...where, ...filter } })
    return toPage(rows, query.limit, orderDto)
  }

  async tickets(eventId: string, query: TicketsQuery): Promise<Page<TicketDto>> {
    await requireEvent(this.prisma, eventId)
    const { where, ...page } = pageArgs(query)
    const { platform, state, orderId } = query
    const filter = {
      eventId,
      ...(platform ? { platform } : {}),
      ...(state ? { state } : {}),
      ...(orderId ? { orderId } : {}),
    }
    const rows = await this.prisma.ticket.findMany({ ...page, where: { ...where, ...filter } })
    return toPage(rows, query.limit, (row) => ({
      id: row.id,
      orderId: row.orderId,
      platform: row.platform,
      externalTicketId: row.externalTicketId,
      ticketClassId: row.ticketClassId,
      seat: row.seat,
      state: row.state,
      code: row.code,
      createdAt: row.createdAt.toISOString(),
      cancelledAt: row.cancelledAt?.toISOString() ?? null,
      holderName: row.holderName,
      transferredAt: row.transferredAt?.toISOString() ?? null,
    }))
  }
}

export function orderDto(row: Order): OrderDto {
  return {
    id: row.id,
    platform: row.platform,
    channelId: row.channelId,
    externalOrderId: row.externalOrderId,
    state: row.state,
    quantity: row.quantity,
    buyer: row.buyerName === null && row.buyerEmail === null ? null : { name: row.buyerName, email: row.buyerEmail },
    placedAt: row.placedAt?.toISOString() ?? null,
    seenAt: row.seenAt.toISOString(),
  }
}

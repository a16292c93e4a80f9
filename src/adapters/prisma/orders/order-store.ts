import { type Platform, platformOf } from '../../../domain/channel.js'
import type { Order, Prisma, PrismaClient, Ticket } from '../../../generated/prisma/client.js'
import { clientOf, type Transaction } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  orderKey,
  OrderStore,
  ticketKey,
  type OrderRow,
  type OrderRows,
  type TicketRow,
} from '../../../orders/order-store.js'

type Reader = Pick<Transaction, 'order' | 'ticket'>

export class PrismaOrderStore extends OrderStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async readOrders(
    transaction: DatabaseTransaction | null,
    eventId: string,
    orders: readonly { channelId: string; externalOrderId: string }[],
  ): Promise<OrderRows> {
    if (orders.length === 0) return rowsOf([])
    const reader = transaction ? clientOf(transaction) : this.prisma
    const conditions = byChannel(orders).map(([channelId, keys]) => ({
      channelId,
      externalOrderId: { in: keys.map(({ externalOrderId }) => externalOrderId) },
    }))
    return rowsOf(await findOrders(reader, { eventId, OR: conditions }))
  }

  async readHolders(
    transaction: DatabaseTransaction,
    eventId: string,
    tickets: readonly { channelId: string; externalTicketId: string }[],
  ): Promise<OrderRows> {
    if (tickets.length === 0) return rowsOf([])
    const reader = clientOf(transaction)
    const conditions = byChannel(tickets).map(([channelId, keys]) => ({
      channelId,
      externalTicketId: { in: keys.map(({ externalTicketId }) => externalTicketId) },
    }))
    const found = await reader.ticket.findMany({ where: { eventId, OR: conditions }, select: { orderId: true } })
    if (found.length === 0) return rowsOf([])
    return rowsOf(await findOrders(reader, { id: { in: [...new Set(found.map(({ orderId }) => orderId))] } }))
  }

  async writeOrders(transaction: DatabaseTransaction, eventId: string, orders: readonly OrderRow[]): Promise<void> {
    if (orders.length === 0) return
    const rows = orders.map(({ tickets: _, ...order }) => order)
    await clientOf(transaction).$executeRaw`
      INSERT INTO orders (id, event_id, platform, channel_id, external_order_id, state, quantity, version, revision,
        buyer_name, buyer_email, placed_at, updated_at)
      SELECT id, ${eventId}, platform, "channelId", "externalOrderId", state, quantity, version, revision,
        "buyerName", "buyerEmail", "placedAt", clock_timestamp()
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS o(id text, platform "ChannelName", "channelId" text, "externalOrderId" text,
        state "OrderState", quantity int, version text, revision int, "buyerName" text, "buyerEmail" text, "placedAt" timestamptz)
      ON CONFLICT (channel_id, external_order_id) DO UPDATE SET state = EXCLUDED.state,
        quantity = EXCLUDED.quantity, version = EXCLUDED.version, revision = EXCLUDED.revision,
        buyer_name = CASE WHEN orders.buyer_erased_at IS NULL THEN EXCLUDED.buyer_name END,
        buyer_email = CASE WHEN orders.buyer_erased_at IS NULL THEN EXCLUDED.buyer_email END,
        placed_at = EXCLUDED.placed_at, updated_at = EXCLUDED.updated_at`
  }

  async writeTickets(transaction: DatabaseTransaction, eventId: string, tickets: readonly TicketRow[]): Promise<void> {
    if (tickets.length === 0) return
    await clientOf(transaction).$executeRaw`
      INSERT INTO tickets (id, event_id, platform, channel_id, order_id, external_ticket_id, ticket_class_id, state, version, cancelled_at)
      SELECT id, ${eventId}, platform, "channelId", "orderId", "externalTicketId", "ticketClassId", state, version, "cancelledAt"
      FROM jsonb_to_recordset(${JSON.stringify(tickets)}::jsonb) AS t(id text, platform "ChannelName", "channelId" text, "orderId" text,
        "externalTicketId" text, "ticketClassId" text, state "TicketState", version text, "cancelledAt" timestamptz)
      ON CONFLICT (channel_id, external_ticket_id) DO UPDATE SET order_id = EXCLUDED.order_id,
        ticket_class_id = EXCLUDED.ticket_class_id, state = EXCLUDED.state, version = EXCLUDED.version,
        cancelled_at = EXCLUDED.cancelled_at`
  }

  async newestPlaced(
    channelId: string,
    { maxQuantity, except }: { maxQuantity: number; except: readonly string[] },
  ): Promise<string | null> {
    const newest = await this.prisma.order.findFirst({
      where: {
        channelId,
        state: 'PLACED',
        quantity: { lte: maxQuantity },
        externalOrderId: { not: null, notIn: [...except] },
      },
      orderBy: [{ placedAt: { sort: 'desc', nulls: 'last' } }, { id: 'desc' }],
    })
    return newest?.externalOrderId ?? null
  }

  async writeVersions(versions: readonly { id: string; version: string }[]): Promise<void> {
    if (versions.length === 0) return
    await this.prisma.$executeRaw`
      UPDATE orders SET version = read.version
      FROM jsonb_to_recordset(${JSON.stringify(versions)}::jsonb) AS read(id text, version text)
      WHERE orders.id = read.id AND orders.version < read.version`
  }

  async listingsOf(platform: Platform, externalOrderId: string): Promise<string[]> {
    const orders = await this.prisma.order.findMany({
      where: { platform, externalOrderId },
      select: { channel: { select: { externalEventId: true } } },
    })
    return [...new Set(orders.flatMap(({ channel }) => channel?.externalEventId ?? []))]
  }

  async isRecorded(externalOrderId: string, channelIds: readonly string[]): Promise<boolean> {
    return (await this.prisma.order.count({ where: { externalOrderId, channelId: { in: [...channelIds] } } })) > 0
  }

  async lastSeenAt(eventId: string, channelId: string): Promise<Date | null> {
    const latest = await this.prisma.order.findFirst({
      where: { eventId, channelId },
      orderBy: { seenAt: 'desc' },
      select: { seenAt: true },
    })
    return latest?.seenAt ?? null
  }
}

function byChannel<T extends { channelId: string }>(keys: readonly T[]): [string, T[]][] {
  const channels = [...new Set(keys.map(({ channelId }) => channelId))]
  return channels.map((channelId) => [channelId, keys.filter((key) => key.channelId === channelId)])
}

async function findOrders(reader: Reader, where: Prisma.OrderWhereInput) {
  return reader.order.findMany({ where, include: { tickets: true } })
}

function rowsOf(found: readonly (Order & { tickets: Ticket[] })[]): OrderRows {
  const rows: OrderRows = { orders: new Map(), tickets: new Map() }
  for (const { tickets, ...order } of found) {
    const [platform, channelId] = [platformOf(order.platform), order.channelId ?? '']
    const externalOrderId = order.externalOrderId ?? ''
    const live = new Map(tickets.map((ticket) => [ticket.externalTicketId ?? '', ticket.state === 'VALID']))
    rows.orders.set(orderKey(channelId, externalOrderId), {
      ...order,
      platform,
      channelId,
      externalOrderId,
      tickets: live,
    })
    for (const ticket of tickets) {
      const externalTicketId = ticket.externalTicketId ?? ''
      rows.tickets.set(ticketKey(channelId, externalTicketId), { ...ticket, platform, channelId, externalTicketId })
    }
  }
  return rows
}

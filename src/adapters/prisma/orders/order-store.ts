import { type Platform, platformOf } from '../../../domain/channel.js'
import { NO_NAME, sortKey } from '../../../domain/people/name-key.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  orderKey,
  OrderStore,
  ticketKey,
  type OrderRow,
  type OrderRows,
  type TicketRow,
} from '../../../orders/order-store.js'

export class PrismaOrderStore extends OrderStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  /**
   * In one statement, as one text: a row of Prisma's for each order and ticket costs more than reading it. Each LATERAL with
   * a LIMIT is a search in an index: for a page of keys PostgreSQL would otherwise rather hash the whole table.
   */
  async readOrders(
    transaction: DatabaseTransaction | null,
    eventId: string,
    orders: readonly { channelId: string; externalOrderId: string }[],
    tickets: readonly { channelId: string; externalTicketId: string }[] = [],
  ): Promise<OrderRows> {
    if (orders.length === 0 && tickets.length === 0) return rowsOf([])
    const client = transaction ? clientOf(transaction) : this.prisma
    const [found] = await client.$queryRaw<{ orders: string }[]>`
      WITH requested AS (
        SELECT o.id FROM unnest(${orders.map(({ channelId }) => channelId)}::text[],
          ${orders.map(({ externalOrderId }) => externalOrderId)}::text[]) AS key(channel_id, external_id)
        CROSS JOIN LATERAL (
          SELECT id FROM orders WHERE channel_id = key.channel_id AND external_order_id = key.external_id LIMIT 1) AS o
        UNION
        SELECT t.order_id FROM unnest(${tickets.map(({ channelId }) => channelId)}::text[],
          ${tickets.map(({ externalTicketId }) => externalTicketId)}::text[]) AS key(channel_id, external_id)
        CROSS JOIN LATERAL (
          SELECT order_id FROM tickets WHERE channel_id = key.channel_id AND external_ticket_id = key.external_id LIMIT 1) AS t)
      SELECT COALESCE(json_agg(found), '[]')::text AS orders FROM (
        SELECT o.id, o.channel_id AS "channelId", o.platform, o.external_order_id AS "externalOrderId", o.state, o.quantity,
          o.version, o.revision, o.buyer_name AS "buyerName", o.buyer_email AS "buyerEmail",
          o.buyer_erased_at AS "buyerErasedAt", o.placed_at AS "placedAt",
          (SELECT c.listed_version FROM channels c WHERE c.id = o.channel_id) AS "listedVersion", (
            SELECT COALESCE(json_agg(ticket), '[]') FROM (
              SELECT t.id, t.external_ticket_id AS "externalTicketId", t.ticket_class_id AS "ticketClassId", t.state,
                t.cancelled_at AS "cancelledAt", t.version, t.holder_name AS "holderName", t.holder_email AS "holderEmail",
                t.holder_erased_at AS "holderErasedAt", t.ticket_type AS "ticketType", t.external_code AS "externalCode",
                t.external_checked_in_at AS "externalCheckedInAt"
              FROM tickets t WHERE t.order_id = o.id) AS ticket) AS tickets
        FROM requested CROSS JOIN LATERAL (SELECT * FROM orders WHERE id = requested.id LIMIT 1) AS o
        WHERE o.event_id = ${eventId}) AS found`
    return rowsOf(JSON.parse(found?.orders ?? '[]') as StoredOrder[])
  }

  /** Orders before their tickets, in one statement: references are checked at its end. */
  async write(
    transaction: DatabaseTransaction,
    eventId: string,
    orders: readonly OrderRow[],
    tickets: readonly TicketRow[],
  ): Promise<void> {
    if (orders.length === 0 && tickets.length === 0) return
    const rows = orders.map(({ tickets: _, ...order }) => order)
    const ticketRows = tickets.map((ticket) => ({ ...ticket, holderKey: sortKey(ticket.holderName) }))
    await clientOf(transaction).$executeRaw`
      WITH written AS (
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
          placed_at = EXCLUDED.placed_at, updated_at = EXCLUDED.updated_at)
      INSERT INTO tickets (id, event_id, platform, channel_id, order_id, external_ticket_id, ticket_class_id, state, version,
        cancelled_at, holder_name, holder_email, holder_key, ticket_type, external_code, external_checked_in_at)
      SELECT id, ${eventId}, platform, "channelId", "orderId", "externalTicketId", "ticketClassId", state, version,
        "cancelledAt", "holderName", "holderEmail", "holderKey", "ticketType", "externalCode", "externalCheckedInAt"
      FROM jsonb_to_recordset(${JSON.stringify(ticketRows)}::jsonb) AS t(id text, platform "ChannelName", "channelId" text, "orderId" text,
        "externalTicketId" text, "ticketClassId" text, state "TicketState", version text, "cancelledAt" timestamptz,
        "holderName" text, "holderEmail" text, "holderKey" text, "ticketType" text, "externalCode" text,
        "externalCheckedInAt" timestamptz)
      ON CONFLICT (channel_id, external_ticket_id) DO UPDATE SET order_id = EXCLUDED.order_id,
        ticket_class_id = EXCLUDED.ticket_class_id, state = EXCLUDED.state, version = EXCLUDED.version,
        cancelled_at = EXCLUDED.cancelled_at, ticket_type = EXCLUDED.ticket_type, external_code = EXCLUDED.external_code,
        external_checked_in_at = EXCLUDED.external_checked_in_at,
        holder_name = CASE WHEN tickets.holder_erased_at IS NULL THEN EXCLUDED.holder_name END,
        holder_email = CASE WHEN tickets.holder_erased_at IS NULL THEN EXCLUDED.holder_email END,
        holder_key = CASE WHEN tickets.holder_erased_at IS NULL THEN EXCLUDED.holder_key ELSE ${NO_NAME} END`
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

  async newestTickets(transaction: DatabaseTransaction, channelId: string, limit: number) {
    const tickets = await clientOf(transaction).ticket.findMany({
      where: { channelId, state: 'VALID' },
      orderBy: { id: 'desc' },
      take: limit,
      select: { externalTicketId: true, order: { select: { externalOrderId: true } } },
    })
    return tickets.flatMap(({ externalTicketId, order: { externalOrderId } }) =>
      externalTicketId === null || externalOrderId === null ? [] : [{ externalOrderId, externalTicketId }],
    )
  }

  async listingsOf(platform: Platform, externalOrderId: string): Promise<string[]> {
    const orders = await this.prisma.order.findMany({
      where: { platform, externalOrderId },
      select: { channel: { select: { externalEventId: true } } },
    })
    return [...new Set(orders.flatMap(({ channel }) => channel?.externalEventId ?? []))]
  }

  async stateOf(externalOrderId: string, channelIds: readonly string[]): Promise<OrderRow['state'] | null> {
    const where = { externalOrderId, channelId: { in: [...channelIds] } }
    const found = await this.prisma.order.findMany({ where, select: { state: true } })
    return found.some(({ state }) => state === 'PLACED') ? 'PLACED' : (found[0]?.state ?? null)
  }

  /** `NEVER_READ` as the partial index has it. */
  async neverRead(channelId: string, before: Date, limit: number): Promise<{ orderId: string; seenAt: Date }[]> {
    return this.prisma.$queryRaw`
      SELECT external_order_id AS "orderId", seen_at AS "seenAt" FROM orders
      WHERE channel_id = ${channelId} AND version = '1969-12-31T00:00:00.000Z' AND state = 'PLACED'
        AND seen_at < ${before}
      ORDER BY seen_at, id LIMIT ${limit}`
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

/** Instants are texts. */
type TicketInstant = 'cancelledAt' | 'holderErasedAt' | 'externalCheckedInAt'
type StoredTicket = Omit<TicketRow, TicketInstant | 'channelId' | 'platform' | 'orderId'> & {
  [name in TicketInstant]: string | null
}
type StoredOrder = Omit<OrderRow, 'buyerErasedAt' | 'placedAt' | 'tickets'> & {
  buyerErasedAt: string | null
  placedAt: string | null
  tickets: StoredTicket[]
}

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text))

function rowsOf(found: readonly StoredOrder[]): OrderRows {
  const rows: OrderRows = { orders: new Map(), tickets: new Map() }
  for (const order of found) {
    const [platform, { id: orderId, channelId, externalOrderId }] = [platformOf(order.platform), order]
    const live = new Map(order.tickets.map(({ externalTicketId, state }) => [externalTicketId, state === 'VALID']))
    const { buyerErasedAt, placedAt } = order
    const instants = { buyerErasedAt: instant(buyerErasedAt), placedAt: instant(placedAt) }
    rows.orders.set(orderKey(channelId, externalOrderId), { ...order, platform, ...instants, tickets: live })
    for (const ticket of order.tickets) {
      const times = {
        cancelledAt: instant(ticket.cancelledAt),
        holderErasedAt: instant(ticket.holderErasedAt),
        externalCheckedInAt: instant(ticket.externalCheckedInAt),
      }
      rows.tickets.set(ticketKey(channelId, ticket.externalTicketId), {
        ...ticket,
        ...times,
        channelId,
        platform,
        orderId,
      })
    }
  }
  return rows
}

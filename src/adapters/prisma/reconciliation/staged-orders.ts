import { NEVER_READ } from '../../../domain/orders/order-snapshot.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { StagedOrders, type AbsentOrder, type StagedSnapshot } from '../../../reconciliation/orders/staged-orders.js'

export class PrismaStagedOrders extends StagedOrders {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async clear(listing: string): Promise<void> {
    await this.prisma.stagedOrder.deleteMany({ where: { listing } })
  }

  async clearAll(): Promise<void> {
    await this.prisma.stagedOrder.deleteMany({})
  }

  async countTickets(listing: string, ticketClassId: string | null = null): Promise<{ all: number; live: number }> {
    const [row] = await this.prisma.$queryRaw<{ all: bigint; live: bigint }[]>`
      SELECT COUNT(*) AS "all", COUNT(*) FILTER (WHERE live) AS live FROM (
        SELECT ticket->>'ticketId' AS id, bool_or((ticket->>'live')::boolean) AS live
        FROM reconciliation_staged, jsonb_array_elements(snapshot->'tickets') AS ticket
        WHERE listing = ${listing} AND (${ticketClassId}::text IS NULL OR ticket->>'ticketClassId' = ${ticketClassId})
        GROUP BY 1
      ) AS tickets`
    return { all: Number(row?.all ?? 0), live: Number(row?.live ?? 0) }
  }

  async countRecorded({ id: channelId }: { id: string }): Promise<number> {
    return this.prisma.order.count({ where: { channelId, state: 'PLACED' } })
  }

  async findAbsent(
    listing: string,
    { id: channelId }: { id: string },
    since: Date,
    limit: number,
  ): Promise<AbsentOrder[]> {
    return this.prisma.$queryRaw<AbsentOrder[]>`
      WITH staged AS MATERIALIZED (
        SELECT order_id, snapshot FROM reconciliation_staged WHERE listing = ${listing}
      ), whole AS MATERIALIZED (
        SELECT DISTINCT order_id FROM staged WHERE (snapshot->>'complete')::boolean
      ), shown AS MATERIALIZED (
        SELECT DISTINCT ticket->>'ticketId' AS id FROM staged, jsonb_array_elements(snapshot->'tickets') AS ticket
      )
      SELECT o.external_order_id AS "orderId", o.version, array_agg(t.external_ticket_id) AS "ticketIds"
      FROM orders o JOIN tickets t ON t.order_id = o.id AND t.state = 'VALID'
      WHERE o.channel_id = ${channelId}
        AND o.state = 'PLACED' AND o.seen_at < ${since} AND o.version <> ${NEVER_READ}
        AND NOT EXISTS (SELECT 1 FROM whole WHERE whole.order_id = o.external_order_id)
        AND NOT EXISTS (SELECT 1 FROM shown WHERE shown.id = t.external_ticket_id)
      GROUP BY o.external_order_id, o.version
      ORDER BY o.external_order_id LIMIT ${limit}`
  }

  protected async insert(listing: string, snapshots: readonly StagedSnapshot[]): Promise<void> {
    const data = snapshots.map((snapshot) => ({ listing, orderId: snapshot.orderId, snapshot: snapshot as object }))
    await this.prisma.stagedOrder.createMany({ data })
  }

  protected async orderIds(listing: string, after: string, limit: number): Promise<string[]> {
    const rows = await this.prisma.$queryRaw<{ orderId: string }[]>`
      SELECT DISTINCT order_id AS "orderId" FROM reconciliation_staged
      WHERE listing = ${listing} AND order_id > ${after} ORDER BY order_id LIMIT ${limit}`
    return rows.map(({ orderId }) => orderId)
  }

  protected async snapshots(listing: string, after: string, last: string): Promise<StagedSnapshot[]> {
    const rows = await this.prisma.stagedOrder.findMany({
      where: { listing, orderId: { gt: after, lte: last } },
      orderBy: [{ orderId: 'asc' }, { id: 'asc' }],
    })
    return rows.map(({ snapshot }) => snapshot as unknown as StagedSnapshot)
  }
}

import { Injectable } from '@nestjs/common'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { wellFormedSnapshot } from '../inventory/order-fact.js'

/** An order that is recorded as live and that a listing did not show, or whose tickets it did not show. */
export interface AbsentOrder {
  orderId: string
  version: string
  ticketIds: string[]
}

/** Orders with their snapshots in the order they were read. */
export type OrderBatch = Map<string, OrderSnapshot[]>

const BATCH = 200
type StagedSnapshot = Omit<OrderSnapshot, 'placedAt'> & { placedAt: string | null }

/**
 * Where the orders of a listing wait until it is known whether it is complete: in PostgreSQL, so that memory stays
 * flat however long the listing is.
 */
@Injectable()
export class StagedOrders {
  constructor(private readonly prisma: PrismaService) {}

  /** Snapshots that cannot be stored must have been left out. */
  async add(listing: string, snapshots: readonly OrderSnapshot[]): Promise<void> {
    if (snapshots.length === 0) return
    const rows = snapshots.map((shown) => {
      const snapshot = wellFormedSnapshot(shown)
      return { listing, orderId: snapshot.orderId, snapshot: stagedOf(snapshot) }
    })
    await this.prisma.stagedOrder.createMany({ data: rows })
  }

  async clear(listing: string): Promise<void> {
    await this.prisma.stagedOrder.deleteMany({ where: { listing } })
  }

  /** What a run that broke off left here. */
  async clearAll(): Promise<void> {
    await this.prisma.stagedOrder.deleteMany({})
  }

  /** Different tickets shown, and how many of them live; of one class, if it is named. */
  async count(listing: string, ticketClassId: string | null = null): Promise<{ all: number; live: number }> {
    const [row] = await this.prisma.$queryRaw<{ all: bigint; live: bigint }[]>`
      SELECT COUNT(*) AS "all", COUNT(*) FILTER (WHERE live) AS live FROM (
        SELECT ticket->>'ticketId' AS id, bool_or((ticket->>'live')::boolean) AS live
        FROM reconciliation_staged, jsonb_array_elements(snapshot->'tickets') AS ticket
        WHERE listing = ${listing} AND (${ticketClassId}::text IS NULL OR ticket->>'ticketClassId' = ${ticketClassId})
        GROUP BY 1
      ) AS tickets`
    return { all: Number(row?.all ?? 0), live: Number(row?.live ?? 0) }
  }

  /** All orders, batch by batch, each order whole in one batch. */
  async *batches(listing: string): AsyncGenerator<OrderBatch> {
    let last = ''
    for (;;) {
      const ids = await this.prisma.$queryRaw<{ orderId: string }[]>`
        SELECT DISTINCT order_id AS "orderId" FROM reconciliation_staged
        WHERE listing = ${listing} AND order_id > ${last} ORDER BY order_id LIMIT ${BATCH}`
      const end = ids.at(-1)?.orderId
      if (end === undefined) return
      yield await this.between(listing, last, end)
      last = end
    }
  }

  private async between(listing: string, after: string, end: string): Promise<OrderBatch> {
    const rows = await this.prisma.stagedOrder.findMany({
      where: { listing, orderId: { gt: after, lte: end } },
      orderBy: [{ orderId: 'asc' }, { id: 'asc' }],
    })
    const batch: OrderBatch = new Map()
    for (const { orderId, snapshot } of rows) {
      const known = batch.get(orderId) ?? []
      batch.set(orderId, [...known, snapshotOf(snapshot as unknown as StagedSnapshot)])
    }
    return batch
  }

  /** Orders of the channel that are recorded as live. */
  async recorded({ eventId, platform }: Channel): Promise<number> {
    return this.prisma.order.count({ where: { eventId, platform, state: 'PLACED' } })
  }

  /**
   * Orders of the channel recorded before `since` with live tickets that the listing shows nowhere, under no order: a
   * ticket may have moved. A snapshot that is complete speaks for all tickets of its order that moved nowhere.
   */
  async absent(listing: string, channel: Channel, since: Date, most: number): Promise<AbsentOrder[]> {
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
      WHERE o.event_id = ${channel.eventId} AND o.platform = ${channel.platform}::"ChannelName"
        AND o.state = 'PLACED' AND o.seen_at < ${since}
        AND NOT EXISTS (SELECT 1 FROM whole WHERE whole.order_id = o.external_order_id)
        AND NOT EXISTS (SELECT 1 FROM shown WHERE shown.id = t.external_ticket_id)
      GROUP BY o.external_order_id, o.version
      ORDER BY o.external_order_id LIMIT ${most}`
  }
}

function stagedOf(snapshot: OrderSnapshot): object {
  const { orderId, externalEventId, version, tickets, complete, buyer, placedAt } = snapshot
  const shown = tickets.map(({ ticketId, live, ticketClassId }) => ({ ticketId, live, ticketClassId }))
  const at = placedAt?.toISOString() ?? null
  return { orderId, externalEventId, version, tickets: shown, complete, buyer: buyer && { ...buyer }, placedAt: at }
}

function snapshotOf(staged: StagedSnapshot): OrderSnapshot {
  return { ...staged, placedAt: staged.placedAt === null ? null : new Date(staged.placedAt) }
}

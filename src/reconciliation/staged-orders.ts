import { Injectable } from '@nestjs/common'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { wellFormedSnapshot } from '../inventory/observed-order.js'

/** An order recorded as live that a listing does not show, or of which it does not show all tickets. */
export interface AbsentOrder {
  orderId: string
  version: string
  ticketIds: string[]
}

/** Orders with their snapshots, in reading order. */
export type OrderBatch = Map<string, OrderSnapshot[]>

const BATCH_SIZE = 200
type StagedSnapshot = Omit<OrderSnapshot, 'placedAt'> & { placedAt: string | null }

/**
 * Stages the orders of a listing until it is known to be complete. Stored in PostgreSQL, so that memory use does not grow
 * with the length of the listing.
 */
@Injectable()
export class StagedOrders {
  constructor(private readonly prisma: PrismaService) {}

  /** The caller filters out snapshots that cannot be stored. */
  async add(listing: string, snapshots: readonly OrderSnapshot[]): Promise<void> {
    if (snapshots.length === 0) return
    const rows = snapshots.map((original) => {
      const snapshot = wellFormedSnapshot(original)
      return { listing, orderId: snapshot.orderId, snapshot: toStaged(snapshot) }
    })
    await this.prisma.stagedOrder.createMany({ data: rows })
  }

  async clear(listing: string): Promise<void> {
    await this.prisma.stagedOrder.deleteMany({ where: { listing } })
  }

  /** Removes what an aborted run left. */
  async clearAll(): Promise<void> {
    await this.prisma.stagedOrder.deleteMany({})
  }

  /** Counts distinct tickets and the live ones among them; only those of the class, if one is passed. */
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

  /** All orders in batches; the snapshots of one order are never split. */
  async *batches(listing: string): AsyncGenerator<OrderBatch> {
    let lastId = ''
    for (;;) {
      const ids = await this.prisma.$queryRaw<{ orderId: string }[]>`
        SELECT DISTINCT order_id AS "orderId" FROM reconciliation_staged
        WHERE listing = ${listing} AND order_id > ${lastId} ORDER BY order_id LIMIT ${BATCH_SIZE}`
      const endId = ids.at(-1)?.orderId
      if (endId === undefined) return
      yield await this.readBatch(listing, lastId, endId)
      lastId = endId
    }
  }

  private async readBatch(listing: string, afterId: string, endId: string): Promise<OrderBatch> {
    const rows = await this.prisma.stagedOrder.findMany({
      where: { listing, orderId: { gt: afterId, lte: endId } },
      orderBy: [{ orderId: 'asc' }, { id: 'asc' }],
    })
    const batch: OrderBatch = new Map()
    for (const { orderId, snapshot } of rows) {
      const previous = batch.get(orderId) ?? []
      batch.set(orderId, [...previous, fromStaged(snapshot as unknown as StagedSnapshot)])
    }
    return batch
  }

  /** Counts orders of the channel that are recorded as live. */
  async countRecorded({ id: channelId }: Channel): Promise<number> {
    return this.prisma.order.count({ where: { channelId, state: 'PLACED' } })
  }

  /**
   * Orders of the channel recorded before `since` with live tickets that the listing shows under no order at all, since a
   * ticket may move to another order. A complete snapshot covers all tickets of its order that did not move.
   */
  async findAbsent(listing: string, channel: Channel, since: Date, limit: number): Promise<AbsentOrder[]> {
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
      WHERE o.channel_id = ${channel.id}
        AND o.state = 'PLACED' AND o.seen_at < ${since}
        AND NOT EXISTS (SELECT 1 FROM whole WHERE whole.order_id = o.external_order_id)
        AND NOT EXISTS (SELECT 1 FROM shown WHERE shown.id = t.external_ticket_id)
      GROUP BY o.external_order_id, o.version
      ORDER BY o.external_order_id LIMIT ${limit}`
  }
}

function toStaged(snapshot: OrderSnapshot): object {
  const { orderId, externalEventId, version, versionIsReadTime, tickets, complete, buyer, placedAt } = snapshot
  const stagedTickets = tickets.map(({ ticketId, live, ticketClassId }) => ({ ticketId, live, ticketClassId }))
  const at = placedAt?.toISOString() ?? null
  return {
    orderId,
    externalEventId,
    version,
    ...(versionIsReadTime && { versionIsReadTime }),
    tickets: stagedTickets,
    complete,
    buyer: buyer && { ...buyer },
    placedAt: at,
  }
}

function fromStaged(staged: StagedSnapshot): OrderSnapshot {
  return { ...staged, placedAt: staged.placedAt === null ? null : new Date(staged.placedAt) }
}

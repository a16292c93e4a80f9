import type { OrderSnapshot, TicketDetails, TicketSnapshot } from '../../domain/orders/order-snapshot.js'
import { wellFormedSnapshot } from '../../orders/observed-order.js'

/** An order recorded as live that a listing does not show, or of which it does not show all tickets. */
export interface AbsentOrder {
  orderId: string
  version: string
  /** The tickets that it does not show, in no order. */
  ticketIds: string[]
}

/** Orders with their snapshots, in reading order. */
export type OrderBatch = Map<string, OrderSnapshot[]>

/** A ticket as JSON. */
export type StagedTicket = Omit<TicketSnapshot, 'details'> & {
  details?: Omit<TicketDetails, 'checkedInAt'> & { checkedInAt: string | null }
}

/** A snapshot as JSON. */
export type StagedSnapshot = Omit<OrderSnapshot, 'placedAt' | 'tickets'> & {
  placedAt: string | null
  tickets: StagedTicket[]
}

const BATCH_SIZE = 200

/**
 * Stages the orders of a listing until it is known to be complete. Stored, so that memory use does not grow with the length
 * of the listing; a crash may lose them.
 */
export abstract class StagedOrders {
  /** The caller filters out snapshots that cannot be stored. */
  async add(listing: string, snapshots: readonly OrderSnapshot[]): Promise<void> {
    if (snapshots.length === 0) return
    await this.insert(
      listing,
      snapshots.map((snapshot) => toStaged(wellFormedSnapshot(snapshot))),
    )
  }

  abstract clear(listing: string): Promise<void>

  /** Removes what an aborted run left, of any listing. */
  abstract clearAll(): Promise<void>

  /** Counts distinct tickets and the live ones among them; only those of the class, if one is passed. */
  abstract countTickets(listing: string, ticketClassId?: string | null): Promise<{ all: number; live: number }>

  /** All orders in batches, by ascending id; the snapshots of one order are never split. */
  async *batches(listing: string): AsyncGenerator<OrderBatch> {
    let lastId = ''
    for (;;) {
      const endId = (await this.orderIds(listing, lastId, BATCH_SIZE)).at(-1)
      if (endId === undefined) return
      const batch: OrderBatch = new Map()
      for (const staged of await this.snapshots(listing, lastId, endId)) {
        batch.set(staged.orderId, [...(batch.get(staged.orderId) ?? []), fromStaged(staged)])
      }
      yield batch
      lastId = endId
    }
  }

  /** Counts orders of the channel that are recorded as live. */
  abstract countRecorded(channel: { id: string }): Promise<number>

  /**
   * Orders of the channel recorded before `since` with live tickets that the listing shows under no order at all, since a
   * ticket may move to another order. A complete snapshot covers all tickets of its order that did not move. Without orders
   * that nothing has shown but their delivery: a platform may not show them yet. Up to `limit`, by ascending id.
   */
  abstract findAbsent(listing: string, channel: { id: string }, since: Date, limit: number): Promise<AbsentOrder[]>

  /** At least one snapshot; all text in them is well-formed. */
  protected abstract insert(listing: string, snapshots: readonly StagedSnapshot[]): Promise<void>

  /** Up to `limit` distinct ids after `after`, ascending by their bytes. */
  protected abstract orderIds(listing: string, after: string, limit: number): Promise<string[]>

  /** Snapshots of the orders after `after` up to and including `last`: by ascending id, those of one order as inserted. */
  protected abstract snapshots(listing: string, after: string, last: string): Promise<StagedSnapshot[]>
}

function toStaged(snapshot: OrderSnapshot): StagedSnapshot {
  const { orderId, externalEventId, version, versionIsReadTime, tickets, complete, buyer, placedAt } = snapshot
  return {
    orderId,
    externalEventId,
    version,
    ...(versionIsReadTime && { versionIsReadTime }),
    tickets: tickets.map(toStagedTicket),
    complete,
    buyer: buyer && { ...buyer },
    placedAt: placedAt?.toISOString() ?? null,
  }
}

function toStagedTicket({ ticketId, live, ticketClassId, details }: TicketSnapshot): StagedTicket {
  const ticket = { ticketId, live, ticketClassId }
  return details
    ? { ...ticket, details: { ...details, checkedInAt: details.checkedInAt?.toISOString() ?? null } }
    : ticket
}

function fromStaged(staged: StagedSnapshot): OrderSnapshot {
  return { ...staged, placedAt: instant(staged.placedAt), tickets: staged.tickets.map(fromStagedTicket) }
}

function fromStagedTicket({ details, ...ticket }: StagedTicket): TicketSnapshot {
  return details ? { ...ticket, details: { ...details, checkedInAt: instant(details.checkedInAt) } } : ticket
}

function instant(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

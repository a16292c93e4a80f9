import {
  changesTickets,
  differenceOf,
  type OrderDifference,
  type OtherOrderTicket,
} from '../domain/orders/order-difference.js'
import { NEVER_READ, type TicketSnapshot } from '../domain/orders/order-snapshot.js'
import { newId } from '../infrastructure/ids.js'
import { ownTickets, type ObservedOrder } from './observed-order.js'
import { changesDetails, ticketDetailsAfter, NO_DETAILS, type RecordedDetails } from './ticket-details.js'
import {
  orderKey,
  ticketKey,
  type OrderKey,
  type OrderRow,
  type OrderRows,
  type TicketKey,
  type TicketRow,
} from './order-store.js'

export interface PlannedOrder {
  observed: ObservedOrder
  /** Null: older than the record. */
  difference: OrderDifference | null
  /** Revision of the order after this change. */
  revision: number
}

/**
 * Applies observed orders to the recorded rows in memory, one after another: a ticket may move between orders of the same
 * page. Each order occurs once.
 */
export class OrderPlan {
  private readonly changedOrders = new Set<OrderKey>()
  private readonly changedTickets = new Set<TicketKey>()

  constructor(private readonly rows: OrderRows) {}

  /** Applies from the oldest snapshot to the newest; results in the order of the input. */
  apply(orders: readonly ObservedOrder[], now: Date): PlannedOrder[] {
    const planned = new Map<ObservedOrder, PlannedOrder>()
    for (const observed of orders.toSorted(byVersion)) planned.set(observed, this.applyOne(observed, now))
    return orders.map((observed) => planned.get(observed) as PlannedOrder)
  }

  get orders(): OrderRow[] {
    return [...this.changedOrders].map((key) => this.rows.orders.get(key) as OrderRow)
  }

  get tickets(): TicketRow[] {
    return [...this.changedTickets].map((key) => this.rows.tickets.get(key) as TicketRow)
  }

  private applyOne(observed: ObservedOrder, now: Date): PlannedOrder {
    const { channelId, snapshot } = observed
    const key = orderKey(channelId, snapshot.orderId)
    const recorded = this.rows.orders.get(key) ?? null
    const difference = differenceOf(recorded, ownTickets(observed), this.otherOrderTickets(observed))
    const revision = (recorded?.revision ?? 0) + 1
    if (difference && isChange(observed, recorded, difference, this.rows.tickets)) {
      const order = orderAfter(observed, recorded, difference)
      this.rows.orders.set(key, order)
      this.changedOrders.add(key)
      this.writeTickets(observed, order, recorded, difference, now)
    }
    return { observed, difference, revision }
  }

  private otherOrderTickets({ channelId, snapshot }: ObservedOrder): Map<string, OtherOrderTicket> {
    const known = snapshot.tickets.flatMap(({ ticketId }): [string, OtherOrderTicket][] => {
      const row = this.rows.tickets.get(ticketKey(channelId, ticketId))
      return row ? [[ticketId, { live: row.state === 'VALID', version: row.version }]] : []
    })
    return new Map(known)
  }

  private writeTickets(
    observed: ObservedOrder,
    order: OrderRow,
    recorded: OrderRow | null,
    { added, moved, restored, cancelled }: OrderDifference,
    now: Date,
  ): void {
    const { channelId, platform, snapshot } = observed
    const { version } = snapshot
    const set = (externalTicketId: string, change: Partial<TicketRow>) => {
      const key = ticketKey(channelId, externalTicketId)
      const before = this.rows.tickets.get(key)
      if (before && before.orderId !== order.id) this.removeFromOrder(before)
      const ids = { id: newId('tkt'), channelId, platform, externalTicketId, ticketClassId: null, version: null }
      const defaults = { ...ids, ...NO_DETAILS, state: 'VALID' as const, cancelledAt: null }
      const after = { ...defaults, ...before, orderId: order.id, ...change }
      this.rows.tickets.set(key, after)
      this.changedTickets.add(key)
      order.tickets.set(externalTicketId, after.state === 'VALID')
    }
    const live = { state: 'VALID' as const, cancelledAt: null, version }
    for (const { ticketId, ticketClassId } of [...added, ...moved]) set(ticketId, { ...live, ticketClassId })
    for (const ticketId of restored) set(ticketId, live)
    // Cancellations that are inferred from absence, or from a snapshot of the recorded version, carry no version.
    const listed = new Set(
      !recorded || version > recorded.version ? snapshot.tickets.map((ticket) => ticket.ticketId) : [],
    )
    for (const ticketId of cancelled) {
      set(ticketId, { state: 'CANCELLED', cancelledAt: now, ...(listed.has(ticketId) ? { version } : {}) })
    }
    for (const { ticketId } of snapshot.tickets.filter(isStillLive(order))) {
      const row = this.rows.tickets.get(ticketKey(channelId, ticketId))
      if ((row?.version ?? '') < version) set(ticketId, { version })
    }
    for (const [{ ticketId }, details] of changedDetails(observed, order, this.rows.tickets)) set(ticketId, details)
  }

  /** Removes a moved ticket from its previous order. */
  private removeFromOrder({ channelId, orderId, externalTicketId, state }: TicketRow): void {
    for (const [key, order] of this.rows.orders) {
      if (order.id !== orderId) continue
      const tickets = new Map(order.tickets)
      tickets.delete(externalTicketId)
      const quantity = order.quantity - (state === 'VALID' ? 1 : 0)
      this.rows.orders.set(key, { ...order, tickets, quantity, state: quantity > 0 ? 'PLACED' : 'CANCELLED' })
      this.changedOrders.add(orderKey(channelId, order.externalOrderId))
    }
  }
}

/**
 * True if there is anything to write. A newer version alone counts if it implies a change; one that is the time of reading
 * does not: the version of the last full list is recorded once, with its channel. `tickets`: at least those of the order.
 */
export function isChange(
  observed: ObservedOrder,
  recorded: OrderRow | null,
  difference: OrderDifference,
  tickets: OrderRows['tickets'],
): boolean {
  const { snapshot } = observed
  // Orders without tickets of this channel are not stored; orders cancelled before the first read are, against late snapshots.
  if (!recorded) return snapshot.tickets.some(isOwn(observed))
  if (changesTickets(difference)) return true
  if (recorded.version === NEVER_READ && snapshot.version > NEVER_READ) return true
  if (snapshot.version > recorded.version && snapshot.versionIsReadTime !== true) return true
  if (changedDetails(observed, recorded, tickets).length > 0) return true
  const after = detailsAfter(observed, recorded)
  return (
    after.buyerName !== recorded.buyerName ||
    after.buyerEmail !== recorded.buyerEmail ||
    after.placedAt?.getTime() !== recorded.placedAt?.getTime()
  )
}

function orderAfter(observed: ObservedOrder, recorded: OrderRow | null, difference: OrderDifference): OrderRow {
  const { channelId, platform, snapshot } = observed
  return {
    id: recorded?.id ?? newId('ord'),
    channelId,
    platform,
    externalOrderId: snapshot.orderId,
    state: difference.liveAfter > 0 ? 'PLACED' : 'CANCELLED',
    quantity: difference.liveAfter,
    version: snapshot.version,
    listedVersion: recorded?.listedVersion ?? null,
    revision: (recorded?.revision ?? 0) + (changesTickets(difference) ? 1 : 0),
    ...detailsAfter(observed, recorded),
    buyerErasedAt: recorded?.buyerErasedAt ?? null,
    tickets: new Map(recorded?.tickets),
  }
}

/**
 * An incomplete order may only know its ticket holders: it does not overwrite the recorded buyer. An erased buyer stays
 * erased, whatever the platform still shows.
 */
function detailsAfter({ snapshot }: ObservedOrder, recorded: OrderRow | null) {
  const { buyer, placedAt, complete } = snapshot
  const authoritative = complete || !recorded
  const storesBuyer = buyer !== null && authoritative && !recorded?.buyerErasedAt
  return {
    buyerName: storesBuyer ? buyer.name : (recorded?.buyerName ?? null),
    buyerEmail: storesBuyer ? buyer.email : (recorded?.buyerEmail ?? null),
    placedAt: placedAt && authoritative ? placedAt : (recorded?.placedAt ?? null),
  }
}

/** The tickets of the order of which the snapshot shows other details than are recorded. */
function changedDetails(
  { channelId, snapshot }: ObservedOrder,
  { id, buyerErasedAt }: OrderRow,
  tickets: OrderRows['tickets'],
): [TicketSnapshot, RecordedDetails][] {
  return snapshot.tickets.flatMap((ticket): [TicketSnapshot, RecordedDetails][] => {
    const row = ticket.details && tickets.get(ticketKey(channelId, ticket.ticketId))
    if (row?.orderId !== id) return []
    const after = ticketDetailsAfter(ticket, row, buyerErasedAt !== null)
    return changesDetails(after, row) ? [[ticket, after]] : []
  })
}

function isOwn({ ticketClassId }: ObservedOrder) {
  return (ticket: TicketSnapshot) => ticketClassId === null || ticket.ticketClassId === ticketClassId
}

function isStillLive({ tickets }: OrderRow) {
  return ({ ticketId, live }: TicketSnapshot) => live && tickets.get(ticketId) === true
}

function byVersion({ snapshot: a }: ObservedOrder, { snapshot: b }: ObservedOrder): number {
  if (a.version === b.version) return 0
  return a.version < b.version ? -1 : 1
}

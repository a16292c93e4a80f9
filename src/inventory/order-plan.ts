import { changesTickets, differenceOf, type OrderDifference, type TicketElsewhere } from '../domain/order-difference.js'
import type { TicketSnapshot } from '../domain/order-snapshot.js'
import { newId } from '../infrastructure/ids.js'
import { ownTickets, versionsAreReadTimes, type OrderFact } from './order-fact.js'
import {
  orderKey,
  ticketKey,
  type OrderKey,
  type OrderRow,
  type OrderRows,
  type TicketKey,
  type TicketRow,
} from './order-rows.js'

export interface PlannedOrder {
  fact: OrderFact
  /** Null: older than the record. */
  difference: OrderDifference | null
  /** The revision that this change makes of the order. */
  revision: number
}

/**
 * What some orders' snapshots make of the recorded rows, which it changes as it goes: a ticket may go from one order of
 * a page to the next. An order occurs once.
 */
export class OrderPlan {
  private readonly changedOrders = new Set<OrderKey>()
  private readonly changedTickets = new Set<TicketKey>()

  constructor(private readonly rows: OrderRows) {}

  /** From the oldest snapshot to the newest, whatever the order given; answers in the order given. */
  apply(facts: readonly OrderFact[], now: Date): PlannedOrder[] {
    const planned = new Map<OrderFact, PlannedOrder>()
    for (const fact of facts.toSorted(byVersion)) planned.set(fact, this.applyOne(fact, now))
    return facts.map((fact) => planned.get(fact) as PlannedOrder)
  }

  get orders(): OrderRow[] {
    return [...this.changedOrders].map((key) => this.rows.orders.get(key) as OrderRow)
  }

  get tickets(): TicketRow[] {
    return [...this.changedTickets].map((key) => this.rows.tickets.get(key) as TicketRow)
  }

  private applyOne(fact: OrderFact, now: Date): PlannedOrder {
    const { platform, snapshot } = fact
    const key = orderKey(platform, snapshot.orderId)
    const recorded = this.rows.orders.get(key) ?? null
    const difference = differenceOf(recorded, ownTickets(fact), this.elsewhere(fact))
    const revision = (recorded?.revision ?? 0) + 1
    if (difference && isNews(fact, recorded, difference)) {
      const order = orderAfter(fact, recorded, difference)
      this.rows.orders.set(key, order)
      this.changedOrders.add(key)
      this.writeTickets(fact, order, recorded, difference, now)
    }
    return { fact, difference, revision }
  }

  private elsewhere({ platform, snapshot }: OrderFact): Map<string, TicketElsewhere> {
    const known = snapshot.tickets.flatMap(({ ticketId }): [string, TicketElsewhere][] => {
      const row = this.rows.tickets.get(ticketKey(platform, ticketId))
      return row ? [[ticketId, { live: row.state === 'VALID', version: row.version }]] : []
    })
    return new Map(known)
  }

  private writeTickets(
    { platform, snapshot }: OrderFact,
    order: OrderRow,
    recorded: OrderRow | null,
    { added, moved, revived, cancelled }: OrderDifference,
    now: Date,
  ): void {
    const { version } = snapshot
    const set = (externalTicketId: string, change: Partial<TicketRow>) => {
      const key = ticketKey(platform, externalTicketId)
      const before = this.rows.tickets.get(key)
      if (before && before.orderId !== order.id) this.takeFrom(before)
      const fresh = { id: newId('tkt'), platform, externalTicketId, ticketClassId: null, version: null }
      const after = { ...fresh, state: 'VALID' as const, cancelledAt: null, ...before, orderId: order.id, ...change }
      this.rows.tickets.set(key, after)
      this.changedTickets.add(key)
      order.tickets.set(externalTicketId, after.state === 'VALID')
    }
    const live = { state: 'VALID' as const, cancelledAt: null, version }
    for (const { ticketId, ticketClassId } of [...added, ...moved]) set(ticketId, { ...live, ticketClassId })
    for (const ticketId of revived) set(ticketId, live)
    // What a snapshot of the recorded version says to be gone is concluded from its absence: it is as of no version.
    const listed = new Set(
      !recorded || version > recorded.version ? snapshot.tickets.map((ticket) => ticket.ticketId) : [],
    )
    for (const ticketId of cancelled) {
      set(ticketId, { state: 'CANCELLED', cancelledAt: now, ...(listed.has(ticketId) ? { version } : {}) })
    }
    for (const { ticketId } of snapshot.tickets.filter(stillLive(order))) {
      const row = this.rows.tickets.get(ticketKey(platform, ticketId))
      if ((row?.version ?? '') < version) set(ticketId, { version })
    }
  }

  /** The order that had a ticket until now is left with the others. */
  private takeFrom({ platform, orderId, externalTicketId, state }: TicketRow): void {
    for (const [key, order] of this.rows.orders) {
      if (order.id !== orderId) continue
      const tickets = new Map(order.tickets)
      tickets.delete(externalTicketId)
      const quantity = order.quantity - (state === 'VALID' ? 1 : 0)
      this.rows.orders.set(key, { ...order, tickets, quantity, state: quantity > 0 ? 'PLACED' : 'CANCELLED' })
      this.changedOrders.add(orderKey(platform, order.externalOrderId))
    }
  }
}

/**
 * Whether there is anything to write. A newer version alone is, where it tells of a change; where it is the time of the
 * reading it is written down now and then only (see `staleVersions`).
 */
export function isNews(fact: OrderFact, recorded: OrderRow | null, difference: OrderDifference): boolean {
  const { platform, snapshot } = fact
  // An order that never had a ticket of ours leaves no row; one cancelled before it was seen does, against late news.
  if (!recorded) return snapshot.tickets.some(isOwn(fact))
  if (changesTickets(difference)) return true
  if (snapshot.version > recorded.version && !versionsAreReadTimes(platform)) return true
  const after = detailsAfter(fact, recorded)
  return (
    after.buyerName !== recorded.buyerName ||
    after.buyerEmail !== recorded.buyerEmail ||
    after.placedAt?.getTime() !== recorded.placedAt?.getTime()
  )
}

function orderAfter(fact: OrderFact, recorded: OrderRow | null, difference: OrderDifference): OrderRow {
  const { platform, snapshot } = fact
  return {
    id: recorded?.id ?? newId('ord'),
    platform,
    externalOrderId: snapshot.orderId,
    state: difference.liveAfter > 0 ? 'PLACED' : 'CANCELLED',
    quantity: difference.liveAfter,
    version: snapshot.version,
    revision: (recorded?.revision ?? 0) + (changesTickets(difference) ? 1 : 0),
    ...detailsAfter(fact, recorded),
    tickets: new Map(recorded?.tickets),
  }
}

/** A part of an order knows its tickets' holders at best: it does not overrule who bought it. */
function detailsAfter({ snapshot }: OrderFact, recorded: OrderRow | null) {
  const { buyer, placedAt, complete } = snapshot
  const tells = complete || !recorded
  return {
    buyerName: buyer && tells ? buyer.name : (recorded?.buyerName ?? null),
    buyerEmail: buyer && tells ? buyer.email : (recorded?.buyerEmail ?? null),
    placedAt: placedAt && tells ? placedAt : (recorded?.placedAt ?? null),
  }
}

function isOwn({ ticketClassId }: OrderFact) {
  return (ticket: TicketSnapshot) => ticketClassId === null || ticket.ticketClassId === ticketClassId
}

function stillLive({ tickets }: OrderRow) {
  return ({ ticketId, live }: TicketSnapshot) => live && tickets.get(ticketId) === true
}

function byVersion({ snapshot: a }: OrderFact, { snapshot: b }: OrderFact): number {
  if (a.version === b.version) return 0
  return a.version < b.version ? -1 : 1
}

import type { Platform } from '../domain/channel.js'
import type { Movement } from '../domain/move.js'
import { differenceOf, type OrderDifference } from '../domain/order-difference.js'
import { BatchLane } from './batch-lane.js'
import type { Book } from './ledger.js'
import type { LockedPlan, LockedStock, LockedTake } from './locked-stock.js'
import { ownTickets, type OrderFact } from './order-fact.js'
import { legsOf } from './order-legs.js'
import { roundsOf } from './order-rounds.js'
import { orderKey, readOrders, writeOrder, type OrderRow } from './order-rows.js'

export interface AppliedOrder {
  platform: Platform
  externalOrderId: string
  /** When it was placed, as the platform tells; null: it does not. */
  placedAt: Date | null
  /** Live tickets after minus before. */
  delta: number
  /** False: a repeat, older than the record, or nothing new. */
  changed: boolean
  /** Tickets of this order that exceed the capacity. */
  oversold: number
  movements: readonly Movement[]
}

interface Planned {
  fact: OrderFact
  recorded: OrderRow | null
  /** Null: older than the record. */
  difference: OrderDifference | null
  take: LockedTake | null
}

/**
 * The one way in which platform sales enter the ledger: webhooks, polls, sweeps and reconciliation all come through
 * here. Convergent: the input is what an order *is*, and what moves is the difference to what is recorded, computed
 * under the event's lock.
 */
export class OrderApplier {
  private readonly lane = new BatchLane<OrderFact, AppliedOrder>((eventId, facts) => this.applyBatch(eventId, facts))

  constructor(private readonly stock: LockedStock) {}

  /** Throws when Redis or PostgreSQL does not answer; applying again is always safe. */
  async apply(eventId: string, facts: readonly OrderFact[]): Promise<AppliedOrder[]> {
    return Promise.all(facts.map((fact) => this.lane.submit(eventId, fact)))
  }

  private async applyBatch(eventId: string, facts: readonly OrderFact[]): Promise<AppliedOrder[]> {
    const results = new Map<OrderFact, AppliedOrder>()
    for (const round of roundsOf(facts)) {
      const applied = await this.stock.run(eventId, (book, salt) => planRound(book, eventId, round, salt))
      round.forEach((fact, index) => results.set(fact, applied[index] as AppliedOrder))
    }
    return facts.map((fact) => results.get(fact) ?? unchanged(fact))
  }
}

async function planRound(
  book: Book,
  eventId: string,
  facts: readonly OrderFact[],
  salt: string,
): Promise<LockedPlan<AppliedOrder[]>> {
  const plans = await planOrders(book, eventId, facts, salt)
  const takes = plans.flatMap(({ take }) => (take ? [take] : []))
  return {
    takes,
    finish: async (movements) => {
      for (const planned of plans) {
        if (leavesRow(planned)) await writeOrder(book.tx, eventId, planned.fact, planned.recorded, planned.difference)
      }
      return plans.map((planned) =>
        appliedOf(planned, planned.take ? (movements[takes.indexOf(planned.take)] ?? []) : []),
      )
    },
  }
}

async function planOrders(book: Book, eventId: string, facts: readonly OrderFact[], salt: string): Promise<Planned[]> {
  const keys = facts.map(({ platform, snapshot }) => ({ platform, externalOrderId: snapshot.orderId }))
  const orders = await readOrders(book.tx, eventId, keys)
  return facts.map((fact) => {
    const { platform, snapshot } = fact
    const recorded = orders.get(orderKey(platform, snapshot.orderId)) ?? null
    const difference = differenceOf(recorded, ownTickets(fact))
    const delta = difference?.delta ?? 0
    if (delta === 0) return { fact, recorded, difference, take: null }
    // The revision makes the id one of this very change: a count alone would swallow a return to an old number.
    const operationId = `${eventId}:${platform}:${snapshot.orderId}:r${(recorded?.revision ?? 0) + 1}:${delta}${salt}`
    const reason = delta > 0 ? 'platform sale' : 'platform cancellation'
    const take: LockedTake = { operationId, legs: legsOf(platform, delta), reason, actor: null, short: 'behind' }
    return { fact, recorded, difference, take }
  })
}

/** An order that never had a ticket of ours leaves no row; one cancelled before it was seen does, against late news. */
function leavesRow(planned: Planned): planned is Planned & { difference: OrderDifference } {
  if (planned.difference === null) return false
  const { snapshot, ticketClassId } = planned.fact
  const own = snapshot.tickets.some((ticket) => ticketClassId === null || ticket.ticketClassId === ticketClassId)
  return planned.recorded !== null || own
}

function unchanged({ platform, snapshot }: OrderFact): AppliedOrder {
  const { orderId: externalOrderId, placedAt } = snapshot
  return { platform, externalOrderId, placedAt, delta: 0, changed: false, oversold: 0, movements: [] }
}

function appliedOf({ fact, difference }: Planned, movements: readonly Movement[]): AppliedOrder {
  const changes = difference ? difference.added.length + difference.revived.length + difference.cancelled.length : 0
  return {
    ...unchanged(fact),
    delta: difference?.delta ?? 0,
    changed: changes > 0,
    oversold: movements.filter(({ from }) => from === 'OVERSOLD').reduce((sum, { quantity }) => sum + quantity, 0),
    movements,
  }
}

import { oversoldUnits, type Movement } from '../domain/stock/posting.js'
import type { AppliedOrder } from '../domain/orders/applied-order.js'
import { changesTickets, differenceOf } from '../domain/orders/order-difference.js'
import { dataErrorReason, isDataError } from '../infrastructure/errors/data-error.js'
import type { Clock } from '../infrastructure/time/clock.js'
import { BatchQueue } from '../stock/batching/batch-queue.js'
import { bisectFailures } from '../stock/batching/bisect-failures.js'
import type { LockedEvent } from '../stock/ledger.js'
import type { PostRequest, StockTransaction } from '../stock/stock-transaction.js'
import type { Stock } from '../stock/stock.js'
import {
  ownTickets,
  unstorableReason,
  wellFormedSnapshot,
  withPlausibleVersion,
  type ObservedOrder,
} from './observed-order.js'
import { postingsOf } from './order-postings.js'
import { isChange, OrderPlan, type PlannedOrder } from './order-plan.js'
import { roundsOf } from './order-rounds.js'
import { orderKey, type OrderRows, type OrderStore } from './order-store.js'

/** An observed order and its index in the input. */
interface Indexed {
  index: number
  observed: ObservedOrder
}

/** Orders per statement and per transaction. */
const MAX_CHUNK = 250
/**
 * The only path by which platform sales enter the ledger, for webhooks, polls, sweeps and reconciliation. Convergent: the
 * input is the state of an order, and the stock moves by the difference to the recorded state, computed under the
 * event's lock. Idempotent: without a change it writes nothing and does not take the lock.
 */
export class OrderApplier {
  private readonly queue: BatchQueue<readonly ObservedOrder[], AppliedOrder[]>

  constructor(
    private readonly store: OrderStore,
    private readonly stock: Stock,
    private readonly clock: Clock,
  ) {
    this.queue = new BatchQueue((eventId, pages) => this.applyPages(eventId, pages), clock)
  }

  /**
   * Results in the order of the input. Orders that cannot be stored are returned as `refused`; all others are applied.
   * Throws if Redis or PostgreSQL does not respond; retrying is always safe.
   */
  async apply(eventId: string, orders: readonly ObservedOrder[]): Promise<AppliedOrder[]> {
    const results = orders.map((observed) => {
      const reason = unstorableReason(observed.snapshot)
      return reason === null ? unchanged(observed) : refused(observed, reason)
    })
    const now = this.clock.now()
    const storable = orders.flatMap((observed, index) => {
      if (results[index]?.refused !== null) return []
      const snapshot = withPlausibleVersion(wellFormedSnapshot(observed.snapshot), now)
      return [{ index, observed: { ...observed, snapshot } }]
    })
    for (const chunk of inChunks(storable)) {
      const changed = await this.changedOnly(eventId, chunk)
      if (changed.length === 0) continue
      const page = changed.map(({ observed }) => observed)
      const applied = await this.queue.submit(eventId, page)
      changed.forEach(({ index }, position) => (results[index] = applied[position] as AppliedOrder))
    }
    return results
  }

  /** Within the caller's locked transaction, for at most one page. The results are those of `apply`. */
  applyLocked(tx: StockTransaction, orders: readonly ObservedOrder[]): Promise<AppliedOrder[]> {
    return applyRound(this.store, tx, orders, this.clock.now())
  }

  /** Orders that may change the record: an optimistic read without the lock excludes most of them. */
  private async changedOnly(eventId: string, page: readonly Indexed[]): Promise<Indexed[]> {
    const keys = page.map(({ observed }) => keyOf(observed))
    const { orders, tickets } = await this.store.readOrders(null, eventId, keys)
    return page.filter(({ observed }) => {
      const recorded = orders.get(orderKey(observed.channelId, observed.snapshot.orderId)) ?? null
      const difference = differenceOf(recorded, ownTickets(observed))
      return difference !== null && isChange(observed, recorded, difference, tickets)
    })
  }

  private async applyPages(eventId: string, pages: readonly (readonly ObservedOrder[])[]): Promise<AppliedOrder[][]> {
    const results = new Map<ObservedOrder, AppliedOrder>()
    for (const chunk of inChunks(pages.flat())) {
      for (const round of roundsOf(chunk)) {
        const applied = await bisectFailures(
          round,
          (orders) => this.stock.transact(eventId, (tx) => applyRound(this.store, tx, orders, this.clock.now())),
          isDataError,
          (observed, error) => refused(observed, dataErrorReason(error) ?? 'refused by the database'),
        )
        round.forEach((observed, index) => results.set(observed, applied[index] as AppliedOrder))
      }
    }
    return pages.map((page) => page.map((observed) => results.get(observed) ?? unchanged(observed)))
  }
}

function inChunks<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = []
  for (let start = 0; start < items.length; start += MAX_CHUNK) chunks.push(items.slice(start, start + MAX_CHUNK))
  return chunks
}

async function applyRound(
  store: OrderStore,
  tx: StockTransaction,
  orders: readonly ObservedOrder[],
  now: Date,
): Promise<AppliedOrder[]> {
  const plan = new OrderPlan(await recordedRows(store, tx, orders))
  const planned = plan.apply(orders, now)
  const posted = await tx.postAll(planned.map((order) => postOf(tx.eventId, order)))
  await store.write(tx.transaction, tx.eventId, plan.orders, plan.tickets)
  return planned.map((order, index) => appliedOf(order, posted[index] ?? []))
}

/** Rows of the observed orders, and of the orders that currently hold their tickets. */
function recordedRows(
  store: OrderStore,
  { transaction, eventId }: LockedEvent,
  orders: readonly ObservedOrder[],
): Promise<OrderRows> {
  const tickets = orders.flatMap(({ channelId, snapshot }) =>
    snapshot.tickets.filter(({ live }) => live).map(({ ticketId }) => ({ channelId, externalTicketId: ticketId })),
  )
  return store.readOrders(transaction, eventId, orders.map(keyOf), tickets)
}

function postOf(eventId: string, { observed, difference, revision }: PlannedOrder): PostRequest {
  const { channelId, snapshot } = observed
  const delta = difference?.delta ?? 0
  return {
    // The revision makes the id unique per change: with the count alone, a return to an earlier count would be a duplicate.
    id: `${eventId}:${channelId}:${snapshot.orderId}:r${revision}:${delta}`,
    postings: postingsOf({ id: channelId }, delta),
    reason: delta > 0 ? 'platform sale' : 'platform cancellation',
    actor: null,
    onInsufficient: 'rebuild',
  }
}

function keyOf({ channelId, snapshot }: ObservedOrder) {
  return { channelId, externalOrderId: snapshot.orderId }
}

function unchanged({ platform, snapshot }: ObservedOrder): AppliedOrder {
  const { orderId: externalOrderId, placedAt } = snapshot
  return { platform, externalOrderId, placedAt, delta: 0, changed: false, refused: null, oversold: 0, movements: [] }
}

function refused(observed: ObservedOrder, reason: string): AppliedOrder {
  return { ...unchanged(observed), refused: reason }
}

function appliedOf({ observed, difference }: PlannedOrder, movements: readonly Movement[]): AppliedOrder {
  return {
    ...unchanged(observed),
    delta: difference?.delta ?? 0,
    changed: difference !== null && changesTickets(difference),
    oversold: oversoldUnits(movements),
    movements,
  }
}

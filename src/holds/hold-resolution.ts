import { Injectable } from '@nestjs/common'
import { isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { NotFound } from '../domain/errors.js'
import { returnPostings, salePostings, resolvedState, type FinalHoldState, type HoldAction } from '../domain/hold.js'
import type { Buyer } from '../domain/orders/order-snapshot.js'
import type { Event } from '../domain/event-record.js'
import type { Hold } from '../domain/hold-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { newId } from '../infrastructure/ids.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { EventStore } from '../stock/event-store.js'
import { Stock } from '../stock/stock.js'
import type { PostRequest, StockTransaction } from '../stock/stock-transaction.js'
import { StockEvents } from '../stock/stock-events.js'
import type { DirectOrder } from '../tickets/direct-order-store.js'
import { DirectOrders } from '../tickets/direct-orders.js'
import { EventBatchQueue, type ItemResult } from '../stock/batching/event-batch-queue.js'
import { HoldSeats } from './hold-seats.js'
import { HoldStore } from './hold-store.js'
import { OfferedEntries } from './offered-entries.js'
import { purchaseConflict } from '../domain/sale-conflict.js'
import { TicketMails } from '../tickets/ticket-mails.js'

export interface HoldResolutionRequest {
  holdId: string
  action: HoldAction
  /** Required to confirm. */
  buyer: Buyer | null
  /** Null: expired, decided by the payment, or a buyer without an account. */
  by: AuthenticatedUser | null
  /** Runs in the same transaction, only if this request resolves the hold. */
  onResolved?: (transaction: DatabaseTransaction) => Promise<void>
}

interface Transition {
  hold: Hold
  to: FinalHoldState
  /** Set when the hold was sold. */
  orderId: string | null
  request: HoldResolutionRequest
}

interface BatchResolution {
  results: ItemResult<Hold>[]
  transitions: readonly Transition[]
}

/** The order that a hold becomes. */
interface Sale extends DirectOrder {
  holdId: string
}

/**
 * Resolves holds: confirmed, released, expired or payment failed. Concurrent requests for one hold are serialized under
 * the event's lock, and its row changes in the same transaction as the stock (I5).
 */
@Injectable()
export class HoldResolution {
  private readonly queue: EventBatchQueue<HoldResolutionRequest, Hold>
  private readonly resolved

  constructor(
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly events: EventStore,
    private readonly holds: HoldStore,
    private readonly seats: HoldSeats,
    private readonly entries: OfferedEntries,
    private readonly directOrders: DirectOrders,
    private readonly stockEvents: StockEvents,
    private readonly audit: AuditService,
    private readonly ticketMails: TicketMails,
    metrics: Metrics,
  ) {
    this.queue = new EventBatchQueue((eventId, requests) => this.resolveAll(eventId, requests), clock)
    this.resolved = metrics.counter('holds_total', 'Resolved holds by outcome', ['outcome'])
  }

  /**
   * Returns the hold in its new state, which another request may have decided. Idempotent.
   * Throws NotFound; StateConflict when confirming after the event is closed. A paid hold is sold even then.
   */
  resolve(eventId: string, request: HoldResolutionRequest): Promise<Hold> {
    return this.queue.submit(eventId, request)
  }

  private async resolveAll(eventId: string, requests: readonly HoldResolutionRequest[]): Promise<ItemResult<Hold>[]> {
    const { results, transitions } = await this.stock.transact(eventId, (tx) =>
      this.resolveInTransaction(tx, eventId, requests),
    )
    for (const { to } of transitions) this.resolved.inc({ outcome: to.toLowerCase() })
    const delta = transitions.reduce((sum, { to, hold }) => sum + (to === 'CONFIRMED' ? hold.quantity : 0), 0)
    if (transitions.length > 0) {
      this.stockEvents.emitChanged({ eventId, channel: delta > 0 ? 'DIRECT' : null, delta, orders: [] })
    }
    return results
  }

  private async resolveInTransaction(
    tx: StockTransaction,
    eventId: string,
    requests: readonly HoldResolutionRequest[],
  ): Promise<BatchResolution> {
    const now = this.clock.now()
    const event = await this.events.read(tx.transaction, eventId)
    const ids = requests.map(({ holdId }) => holdId)
    const rows = await this.holds.ofEvent(tx.transaction, eventId, ids)
    const holds = new Map(rows.map((hold) => [hold.id, hold]))
    const transitions: Transition[] = []
    const results = requests.map((request): ItemResult<Hold> => {
      const hold = holds.get(request.holdId)
      if (!hold) return { error: new NotFound('There is no such hold.') }
      const to = resolvedState(hold.state, hold.expiresAt <= now, request.action)
      if (to === null) return { value: hold }
      const buyerRole = request.by && isStaff(request.by) ? 'STAFF' : 'CUSTOMER'
      const conflict = request.action === 'confirm' ? purchaseConflict(event, buyerRole, now) : null
      if (to === 'CONFIRMED' && conflict) return { error: conflict }
      const orderId = to === 'CONFIRMED' ? newId('ord') : null
      const after = { ...hold, state: to, settledAt: now, orderId }
      holds.set(hold.id, after)
      transitions.push({ hold, to, orderId, request })
      return { value: after }
    })
    await tx.postAll(transitions.map(postRequestOf))
    await this.write(tx.transaction, event, transitions, now)
    return { results, transitions }
  }

  private async write(
    transaction: DatabaseTransaction,
    event: Event,
    transitions: readonly Transition[],
    now: Date,
  ): Promise<void> {
    if (transitions.length === 0) return
    const sales = transitions.flatMap(saleOf)
    if (sales.length > 0) {
      const directSales = await this.directOrders.write(transaction, event.id, sales, now)
      await this.ticketMails.enqueue(transaction, event, directSales)
    }
    await this.holds.settle(transaction, transitions, now)
    await this.entries.end(transaction, transitions.flatMap(offerOf), now)
    const seated = sales.filter(({ seats }) => seats.length > 0)
    await this.seats.markSold(
      transaction,
      seated.map(({ holdId, id }) => ({ id: holdId, orderId: id })),
    )
    await this.seats.release(
      transaction,
      transitions.filter(({ orderId }) => orderId === null).map(({ hold }) => hold),
    )
    for (const { hold, to, request } of transitions) {
      const { by, action, onResolved } = request
      await onResolved?.(transaction)
      if (!by || !isStaff(by)) continue
      await this.audit.record(by.id, `hold.${action}`, hold.id, { state: hold.state }, { state: to }, transaction)
    }
  }
}

/** Only offers to the waitlist belong to no account. */
function offerOf({ hold: { id, accountId }, to }: Transition): { holdId: string; sold: boolean }[] {
  return accountId === null ? [{ holdId: id, sold: to === 'CONFIRMED' }] : []
}

function saleOf({ hold: { id, quantity, priceCents, seats }, orderId, request: { buyer } }: Transition): Sale[] {
  if (orderId === null) return []
  if (!buyer) throw new Error(`hold ${id} cannot be confirmed without a buyer`)
  return [{ holdId: id, id: orderId, quantity, priceCents, seats, buyer }]
}

function postRequestOf({ hold, to, request: { by } }: Transition): PostRequest {
  const outcome = to.toLowerCase()
  return {
    id: `hold:${hold.id}:${outcome}`,
    postings: to === 'CONFIRMED' ? salePostings(hold.quantity) : returnPostings(hold),
    reason: `hold ${outcome}`,
    ...actorOf(to === 'EXPIRED' ? null : by),
    // Under the lock a live hold's units are in HELD.
    onInsufficient: 'rebuild',
  }
}

function actorOf(by: AuthenticatedUser | null): Pick<PostRequest, 'actor' | 'operatorId'> {
  if (!by) return { actor: null }
  return isStaff(by) ? { actor: by.email, operatorId: by.id } : { actor: by.id }
}

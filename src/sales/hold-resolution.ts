import { Injectable } from '@nestjs/common'
import { isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { NotFound } from '../domain/errors.js'
import { returnPostings, salePostings, settledState, type FinalHoldState, type HoldAction } from '../domain/hold.js'
import type { Buyer } from '../domain/order-snapshot.js'
import type { Event, Hold } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { newId } from '../infrastructure/ids.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import type { Transaction } from '../inventory/ledger.js'
import { Stock } from '../inventory/stock.js'
import type { PostRequest, StockTransaction } from '../inventory/stock-transaction.js'
import { StockEvents } from '../inventory/stock-events.js'
import { writeDirectOrders } from './direct-orders.js'
import { EventLane, type Answer } from './event-lane.js'
import { settleRows } from './hold-rows.js'
import { HoldExpiryIndex } from './hold-expiry-index.js'
import { overRefusal } from './on-sale.js'
import { freeSeats, sellSeats } from './seat-claims.js'
import { TicketMails } from './tickets/ticket-mails.js'
import { settleEntries } from './waitlist/entry-rows.js'

export interface Settlement {
  holdId: string
  action: HoldAction
  /** Needed to confirm. */
  buyer: Buyer | null
  /** Null: time is up, the payment decided, or somebody without an account. */
  by: AuthenticatedUser | null
  /** What stands or falls with it; called if it is this settlement that ends the hold. */
  also?: (tx: Transaction) => Promise<void>
}

interface Transition {
  hold: Hold
  to: FinalHoldState
  /** Of the sale. */
  orderId: string | null
  settlement: Settlement
}

interface Settled {
  answers: Answer<Hold>[]
  transitions: readonly Transition[]
}

interface Sale {
  /** Order id. */
  id: string
  holdId: string
  quantity: number
  seats: readonly string[]
  buyer: Buyer
}

/**
 * Ends holds: confirmed, released, expired or not paid. Whatever comes at the same time for one hold is decided one after the
 * other under the event's lock, and its row changes in the same transaction as the stock (I5).
 */
@Injectable()
export class HoldResolution {
  private readonly lane = new EventLane<Settlement, Hold>((eventId, requests) => this.settleAll(eventId, requests))

  private readonly ended

  constructor(
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly watch: HoldExpiryIndex,
    private readonly stockEvents: StockEvents,
    private readonly audit: AuditService,
    private readonly ticketMails: TicketMails,
    metrics: Metrics,
  ) {
    this.ended = metrics.counter('holds_total', 'Holds that ended', ['outcome'])
  }

  /**
   * Answers the hold as it stands afterwards, which another wish may have decided. Repeating changes nothing.
   * Throws NotFound; StateConflict when it is to be confirmed and the event is closed. What is paid is sold even then.
   */
  settle(eventId: string, settlement: Settlement): Promise<Hold> {
    return this.lane.submit(eventId, settlement)
  }

  private async settleAll(eventId: string, requests: readonly Settlement[]): Promise<Answer<Hold>[]> {
    const { answers, transitions } = await this.stock.transact(eventId, (tx) =>
      this.settleInTransaction(tx, eventId, requests),
    )
    this.watch.forget(
      eventId,
      transitions.map(({ hold }) => hold.id),
    )
    for (const { to } of transitions) this.ended.inc({ outcome: to.toLowerCase() })
    const delta = transitions.reduce((sum, { to, hold }) => sum + (to === 'CONFIRMED' ? hold.quantity : 0), 0)
    if (transitions.length > 0) {
      this.stockEvents.changed({ eventId, channel: delta > 0 ? 'DIRECT' : null, delta, orders: [] })
    }
    return answers
  }

  private async settleInTransaction(
    tx: StockTransaction,
    eventId: string,
    requests: readonly Settlement[],
  ): Promise<Settled> {
    const now = this.clock.now()
    const event = await tx.prisma.event.findUniqueOrThrow({ where: { id: eventId } })
    const rows = await tx.prisma.hold.findMany({ where: { eventId, id: { in: requests.map(({ holdId }) => holdId) } } })
    const holds = new Map(rows.map((hold) => [hold.id, hold]))
    const transitions: Transition[] = []
    const answers = requests.map((settlement): Answer<Hold> => {
      const hold = holds.get(settlement.holdId)
      if (!hold) return { error: new NotFound('There is no such hold.') }
      const to = settledState(hold.state, hold.expiresAt <= now, settlement.action)
      if (to === null) return { value: hold }
      const buyer = settlement.by && isStaff(settlement.by) ? 'STAFF' : 'CUSTOMER'
      const refusal = settlement.action === 'confirm' ? overRefusal(event, buyer, now) : null
      if (to === 'CONFIRMED' && refusal) return { error: refusal }
      const orderId = to === 'CONFIRMED' ? newId('ord') : null
      const after = { ...hold, state: to, settledAt: now, orderId }
      holds.set(hold.id, after)
      transitions.push({ hold, to, orderId, settlement })
      return { value: after }
    })
    await tx.postAll(transitions.map(postOf))
    await this.write(tx.prisma, event, transitions, now)
    return { answers, transitions }
  }

  private async write(tx: Transaction, event: Event, transitions: readonly Transition[], now: Date): Promise<void> {
    if (transitions.length === 0) return
    const sales = transitions.flatMap(saleOf)
    if (sales.length > 0) {
      const made = await writeDirectOrders(tx, event.id, sales, now)
      await this.ticketMails.put(tx, event, made)
    }
    await settleRows(tx, transitions, now)
    await settleEntries(tx, transitions, now)
    const seated = sales.filter(({ seats }) => seats.length > 0)
    await sellSeats(
      tx,
      seated.map(({ holdId, id }) => ({ id: holdId, orderId: id })),
    )
    await freeSeats(
      tx,
      transitions.filter(({ orderId }) => orderId === null).map(({ hold }) => hold),
    )
    for (const { hold, to, settlement } of transitions) {
      const { by, action, also } = settlement
      await also?.(tx)
      if (!by || !isStaff(by)) continue
      await this.audit.record(by.id, `hold.${action}`, hold.id, { state: hold.state }, { state: to }, tx)
    }
  }
}

function saleOf({ hold: { id, quantity, seats }, orderId, settlement: { buyer } }: Transition): Sale[] {
  if (orderId === null) return []
  if (!buyer) throw new Error(`hold ${id} cannot be confirmed without a buyer`)
  return [{ holdId: id, id: orderId, quantity, seats, buyer }]
}

function postOf({ hold, to, settlement: { by } }: Transition): PostRequest {
  const outcome = to.toLowerCase()
  return {
    id: `hold:${hold.id}:${outcome}`,
    postings: to === 'CONFIRMED' ? salePostings(hold.quantity) : returnPostings(hold),
    reason: `hold ${outcome}`,
    actor: to === 'EXPIRED' || !by ? null : isStaff(by) ? by.email : by.id,
    // The lock is held and the hold is live: HELD has its units.
    onInsufficient: 'rebuild',
  }
}

import { Injectable } from '@nestjs/common'
import { DEFAULT_CURRENCY, MAX_AMOUNT } from '../../domain/currency.js'
import { NotFound, ValidationFailed } from '../../domain/errors.js'
import type { Event } from '../../domain/event-record.js'
import type { Hold } from '../../domain/hold-record.js'
import { HoldStore } from '../../holds/hold-store.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { newId } from '../../infrastructure/ids.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import type { LockedEvent } from '../../stock/ledger.js'
import { StockEvents } from '../../stock/stock-events.js'
import { EventStore } from '../../stock/event-store.js'
import { Stock } from '../../stock/stock.js'
import { EventBatchQueue, type ItemResult } from '../../stock/batching/event-batch-queue.js'
import type { BuyerBody } from '../../tickets/tickets.dto.js'
import { purchaseConflict, type BuyerRole } from '../../domain/sale-conflict.js'
import { PaymentJobs } from '../processing/payment-jobs.js'
import { PaymentProviders } from '../providers/payment-providers.js'
import { PaymentStore, type NewPayment } from '../payment-store.js'
import { DECLINED_WINDOW_MS, DeclinedLimit } from './declined-limit.js'

interface StartRequest {
  holdId: string
  buyer: BuyerBody
  token: string
  /** Decides until when sales are open. Declined payments of staff are not limited. */
  buyerRole: BuyerRole
  /** The buyer's own address, of their account or waitlist entry. */
  ownEmail: string
}

/** The job is queued at once; a lost one is recovered after this time. */
const JOB_LOST_AFTER_MS = 5_000

/**
 * Moves a live hold to PAYMENT_PENDING, which does not expire. Moves no money. Runs under the event's lock, serialized
 * with expiry, release and other confirmations.
 */
@Injectable()
export class PaymentStart {
  private readonly queue: EventBatchQueue<StartRequest, Hold>

  constructor(
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly events: EventStore,
    private readonly holds: HoldStore,
    private readonly payments: PaymentStore,
    private readonly providers: PaymentProviders,
    private readonly jobs: PaymentJobs,
    private readonly stockEvents: StockEvents,
  ) {
    this.queue = new EventBatchQueue((eventId, requests) => this.startAll(eventId, requests), clock)
  }

  /**
   * Starts the payment of a live hold with the provider's token and returns the updated hold: PAYMENT_PENDING unless
   * it was resolved in the meantime. Called for a hold that is HELD and not overdue; concurrent calls pay once.
   * Throws RateLimited after too many declined payments.
   */
  start(hold: Hold, request: Omit<StartRequest, 'holdId'>): Promise<Hold> {
    return this.queue.submit(hold.eventId, { holdId: hold.id, ...request })
  }

  private async startAll(eventId: string, requests: readonly StartRequest[]): Promise<ItemResult<Hold>[]> {
    const { results, started } = await this.stock.transact(eventId, (tx) => this.decide(tx, eventId, requests))
    if (started.length > 0) {
      this.jobs.tryEnqueue(started.map(({ id }) => id))
      // A hold that is being paid counts for the soft cap.
      this.stockEvents.emitChanged({ eventId, channel: null, delta: 0, orders: [] })
    }
    return results
  }

  private async decide(locked: LockedEvent, eventId: string, requests: readonly StartRequest[]) {
    const { transaction } = locked
    const now = this.clock.now()
    const event = await this.events.read(transaction, eventId)
    const ids = requests.map(({ holdId }) => holdId)
    const rows = await this.holds.ofEvent(transaction, eventId, ids)
    const holds = new Map(rows.map((hold) => [hold.id, hold]))
    const limit = await this.declinedLimit(transaction, requests, rows, now)
    const started: NewPayment[] = []
    const results = requests.map((request): ItemResult<Hold> => {
      const hold = holds.get(request.holdId)
      if (!hold) return { error: new NotFound('There is no such hold.') }
      if (hold.state !== 'HELD' || hold.expiresAt <= now) return { value: hold }
      const conflict = purchaseConflict(event, request.buyerRole, now)
      if (conflict) return { error: conflict }
      if (hold.priceCents * hold.quantity > MAX_AMOUNT) return { error: tooMuch() }
      const { ownEmail, buyer } = request
      const payer = { accountId: hold.accountId, buyerEmail: buyer.email, ownEmail }
      const refusal = request.buyerRole === 'STAFF' ? null : limit.refusalOf(payer)
      if (refusal) return { error: refusal }
      const pending = { ...hold, state: 'PAYMENT_PENDING' as const }
      holds.set(hold.id, pending)
      started.push(this.paymentOf(event, hold, request, now))
      return { value: pending }
    })
    if (started.length > 0) {
      const startedIds = started.map(({ holdId }) => holdId)
      await this.holds.startPayments(transaction, startedIds)
      await this.payments.insert(transaction, started)
    }
    return { results, started }
  }

  private async declinedLimit(
    transaction: DatabaseTransaction,
    requests: readonly StartRequest[],
    holds: readonly Hold[],
    now: Date,
  ): Promise<DeclinedLimit> {
    const customers = requests.filter(({ buyerRole }) => buyerRole !== 'STAFF')
    if (customers.length === 0) return new DeclinedLimit([], now)
    const ids = new Set(customers.map(({ holdId }) => holdId))
    const accounts = holds.flatMap(({ id, accountId }) => (ids.has(id) && accountId !== null ? [accountId] : []))
    const emails = customers.map(({ buyer }) => buyer.email.toLowerCase())
    const since = new Date(now.getTime() - DECLINED_WINDOW_MS)
    return new DeclinedLimit(await this.payments.declined(transaction, accounts, emails, since), now)
  }

  private paymentOf(event: Event, hold: Hold, { buyer, token }: StartRequest, now: Date): NewPayment {
    return {
      id: newId('pay'),
      holdId: hold.id,
      eventId: event.id,
      amount: BigInt(hold.priceCents) * BigInt(hold.quantity),
      currency: event.currency ?? DEFAULT_CURRENCY,
      buyerName: buyer.name,
      buyerEmail: buyer.email,
      provider: this.providers.require().name,
      token,
      dueAt: new Date(now.getTime() + JOB_LOST_AFTER_MS),
      createdAt: now,
    }
  }
}

function tooMuch(): ValidationFailed {
  return ValidationFailed.of('payment', 'is more than one payment can be: buy fewer tickets at once')
}

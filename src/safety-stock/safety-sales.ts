import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { DIRECT } from '../domain/channel.js'
import type { Buyer } from '../domain/orders/order-snapshot.js'
import { sold } from '../domain/stock/ledger-account.js'
import { IdempotencyConflict, SoldOut } from '../domain/errors.js'
import { SystemMode } from '../system-mode/system-mode.js'
import { Clock } from '../infrastructure/time/clock.js'
import { idempotencyOf, isKeyExpired, type Idempotency } from '../infrastructure/http/requests/idempotency.js'
import { newId } from '../infrastructure/ids.js'
import { EventStore } from '../stock/event-store.js'
import { Stock } from '../stock/stock.js'
import type { StockTransaction } from '../stock/stock-transaction.js'
import { StockEvents } from '../stock/stock-events.js'
import { DirectOrders } from '../tickets/direct-orders.js'
import { toDomainError } from '../stock/batching/event-batch-queue.js'
import { saleConflict } from '../domain/sale-conflict.js'
import { SaleKeyStore } from './sale-key-store.js'
import type { SafetySaleDto } from './safety-stock.dto.js'
import type { IssuedTicket } from '../tickets/direct-order-store.js'
import { TicketMails } from '../tickets/ticket-mails.js'

/** What is sold, the buyer (null: not known), and why. */
export interface SafetySale {
  quantity: number
  buyer: Buyer
  reason: string
}

/** Manual sales from the safety stock, immediate and without a hold; also during a red alarm (I9). */
@Injectable()
export class SafetySales {
  constructor(
    private readonly stock: Stock,
    private readonly events: EventStore,
    private readonly keys: SaleKeyStore,
    private readonly directOrders: DirectOrders,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly ticketMails: TicketMails,
    private readonly stockEvents: StockEvents,
    private readonly mode: SystemMode,
  ) {}

  /**
   * A retry under the same idempotency key returns the first sale, for a day. Throws FailSafe, NotFound, StateConflict
   * when the event is paused or closed, SoldOut, and IdempotencyConflict for a key of another request.
   */
  async sell(
    eventId: string,
    body: SafetySale,
    seller: AuthenticatedUser,
    key?: string,
  ): Promise<SafetySaleDto & { repeated: boolean }> {
    this.mode.assertAdmitting()
    const { quantity, buyer, reason } = body
    const idempotency = idempotencyOf(key, [quantity, buyer.name, buyer.email, reason])
    const newOrderId = newId('ord')
    const orderId = await this.recordOnce(eventId, newOrderId, body, seller, idempotency).catch((error: unknown) =>
      Promise.reject(toDomainError(error)),
    )
    const repeated = orderId !== newOrderId
    if (!repeated) this.stockEvents.emitChanged({ eventId, channel: 'DIRECT', delta: quantity, orders: [] })
    return { orderId, tickets: await this.directOrders.ticketsOf(orderId), repeated }
  }

  /** Returns the id of the order: that of an earlier request with this key, or the given one. */
  private recordOnce(
    eventId: string,
    orderId: string,
    body: SafetySale,
    seller: AuthenticatedUser,
    idempotency: Idempotency | null,
  ): Promise<string> {
    return this.stock.transact(eventId, async (tx) => {
      const now = this.clock.now()
      const id = idempotency && { eventId, userId: seller.id, idempotencyKey: idempotency.key }
      const earlier = id && (await this.keys.find(tx.transaction, id))
      if (earlier && !isKeyExpired(earlier, now)) {
        if (earlier.requestHash === idempotency?.hash) return earlier.orderId
        throw new IdempotencyConflict('This Idempotency-Key was used with a different request.')
      }
      await this.record(tx, orderId, body, seller)
      if (id) await this.keys.put(tx.transaction, { ...id, requestHash: idempotency.hash, orderId, createdAt: now })
      return orderId
    })
  }

  /** Sells within a transaction of the event; returns the tickets. Throws StateConflict and SoldOut as `sell` does. */
  async record(
    tx: StockTransaction,
    orderId: string,
    { quantity, buyer, reason }: SafetySale,
    seller: Pick<AuthenticatedUser, 'id' | 'email'>,
  ): Promise<IssuedTicket[]> {
    const { eventId, transaction, balances } = tx
    const event = await this.events.read(transaction, eventId)
    const conflict = saleConflict(event, 'STAFF', this.clock.now())
    if (conflict) throw conflict
    if (balances.SAFETY < quantity) throw soldOut(balances.SAFETY)
    const posted = await tx.post({
      id: `safety-sale:${orderId}`,
      postings: [{ quantity, sources: ['SAFETY'], destination: sold(DIRECT) }],
      reason: `safety stock sale: ${reason}`,
      actor: seller.email,
      operatorId: seller.id,
      onInsufficient: 'skip',
    })
    if (!posted) throw soldOut(null)
    const order = { id: orderId, buyer, quantity, priceCents: 0, seats: [] }
    const sales = await this.directOrders.write(transaction, eventId, [order], this.clock.now())
    await this.ticketMails.enqueue(transaction, event, sales)
    await this.audit.record(seller.id, 'safety-stock.sell', orderId, null, { eventId, quantity, reason }, transaction)
    return sales.flatMap(({ tickets }) => tickets)
  }
}

function soldOut(left: number | null): SoldOut {
  return new SoldOut(left === null ? 'The safety stock has just been used.' : `The safety stock has ${left} left.`)
}

import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { AuditService } from '../../accounts/audit.service.js'
import { NotFound, StateConflict } from '../../domain/errors.js'
import { cancellationPostings } from '../../domain/hold.js'
import { HoldSeats } from '../../holds/hold-seats.js'
import { HoldStore } from '../../holds/hold-store.js'
import { MailOutbox } from '../../infrastructure/mail/mail-outbox.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { toDomainError } from '../../stock/batching/event-batch-queue.js'
import { EventStore } from '../../stock/event-store.js'
import { Stock } from '../../stock/stock.js'
import { StockEvents } from '../../stock/stock-events.js'
import type { StockTransaction } from '../../stock/stock-transaction.js'
import { DirectOrderStore, type RecordedDirectOrder } from '../../tickets/direct-order-store.js'
import { PaymentRefunds } from '../processing/payment-refunds.js'
import { cancelledMail, cancelledTicketMail } from './cancelled-mail.js'
import type { CancelledOrderDto, CancelOrderBody } from './order-cancellation.dto.js'

interface Outcome {
  /** Tickets that this request cancelled. */
  cancelled: number
  /** The payment to be refunded; null: none. */
  paymentId: string | null
}

/** Cancels direct orders for staff, also after the event was closed or has ended. */
@Injectable()
export class OrderCancellation {
  constructor(
    private readonly stock: Stock,
    private readonly events: EventStore,
    private readonly orders: DirectOrderStore,
    private readonly holds: HoldStore,
    private readonly seats: HoldSeats,
    private readonly refunds: PaymentRefunds,
    private readonly outbox: MailOutbox,
    private readonly audit: AuditService,
    private readonly stockEvents: StockEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Tickets, stock and the refund that is due are recorded in one transaction. Idempotent; a repetition may still request
   * the refund. Throws NotFound; StateConflict for the order of a platform.
   */
  async cancel(orderId: string, body: CancelOrderBody, user: AuthenticatedUser): Promise<CancelledOrderDto> {
    const order = await this.orders.find(orderId)
    if (!order) throw new NotFound('There is no such order.')
    const { eventId, platform } = order
    if (platform !== 'DIRECT') throw new StateConflict('This order was placed on a platform: cancel it there.')
    const { cancelled, paymentId } = await this.stock
      .transact(eventId, (tx) => this.decide(tx, orderId, body, user))
      .catch((error: unknown) => {
        throw toDomainError(error)
      })
    if (paymentId !== null) this.refunds.start(paymentId)
    if (cancelled > 0) {
      this.stockEvents.emitChanged({ eventId, channel: 'DIRECT', delta: -cancelled, orders: [] })
    }
    const refund = paymentId === null ? 'NONE' : 'REQUESTED'
    return { id: orderId, eventId, platform, state: 'CANCELLED', quantity: 0, refund }
  }

  private async decide(
    tx: StockTransaction,
    orderId: string,
    { reason, refund = true }: CancelOrderBody,
    user: AuthenticatedUser,
  ): Promise<Outcome> {
    const { transaction, eventId } = tx
    const order = await this.orders.read(transaction, orderId)
    const isPlaced = order.state === 'PLACED'
    if (isPlaced) await this.takeBack(tx, order, reason, user)
    const paymentId = refund ? await this.refunds.request(transaction, orderId, reason) : null
    if (isPlaced) {
      const event = await this.events.read(transaction, eventId)
      const given = await this.orders.givenTickets(transaction, orderId)
      await this.outbox.put(transaction, [
        ...cancelledMail(event, order, reason, paymentId !== null),
        ...given.flatMap((ticket) => cancelledTicketMail(event, ticket, reason)),
      ])
    }
    if (isPlaced || paymentId !== null) {
      const before = { state: order.state, quantity: order.quantity }
      const after = { state: 'CANCELLED', quantity: 0, reason, refundedPayment: paymentId }
      await this.audit.record(user.id, 'order.cancel', orderId, before, after, transaction)
    }
    return { cancelled: isPlaced ? order.quantity : 0, paymentId }
  }

  private async takeBack(
    tx: StockTransaction,
    { id: orderId, quantity }: RecordedDirectOrder,
    reason: string,
    user: AuthenticatedUser,
  ): Promise<void> {
    const { transaction } = tx
    const hold = await this.holds.ofOrder(transaction, orderId)
    await tx.post({
      id: `order:${orderId}:cancelled`,
      // Only manual sales of the safety stock have no hold.
      postings: cancellationPostings(quantity, hold?.fromSafety ?? quantity),
      reason: `order cancelled: ${reason}`,
      actor: user.email,
      operatorId: user.id,
      // Under the lock the units of valid tickets are in SOLD.
      onInsufficient: 'rebuild',
    })
    await this.orders.cancel(transaction, orderId, this.clock.now())
    if (hold) await this.seats.release(transaction, [hold])
  }
}

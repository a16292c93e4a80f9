import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { DIRECT } from '../domain/channel.js'
import { sold } from '../domain/stock/ledger-account.js'
import { SoldOut } from '../domain/errors.js'
import { SystemMode } from '../system-mode/system-mode.js'
import { Clock } from '../infrastructure/time/clock.js'
import { newId } from '../infrastructure/ids.js'
import { EventStore } from '../stock/event-store.js'
import { Stock } from '../stock/stock.js'
import { StockEvents } from '../stock/stock-events.js'
import { DirectOrders } from '../tickets/direct-orders.js'
import { toDomainError } from '../stock/batching/event-batch-queue.js'
import { saleConflict } from '../domain/sale-conflict.js'
import type { SafetySaleBody, SafetySaleDto } from './safety-stock.dto.js'
import { TicketMails } from '../tickets/ticket-mails.js'

/** Manual sales from the safety stock, immediate and without a hold; also during a red alarm (I9). */
@Injectable()
export class SafetySales {
  constructor(
    private readonly stock: Stock,
    private readonly events: EventStore,
    private readonly directOrders: DirectOrders,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly ticketMails: TicketMails,
    private readonly stockEvents: StockEvents,
    private readonly mode: SystemMode,
  ) {}

  /** Throws FailSafe, NotFound, StateConflict when the event is paused or closed, and SoldOut. */
  async sell(eventId: string, body: SafetySaleBody, seller: AuthenticatedUser): Promise<SafetySaleDto> {
    this.mode.assertAdmitting()
    const orderId = newId('ord')
    try {
      await this.recordSale(eventId, orderId, body, seller)
    } catch (error) {
      throw toDomainError(error)
    }
    this.stockEvents.emitChanged({ eventId, channel: 'DIRECT', delta: body.quantity, orders: [] })
    return { orderId, tickets: await this.directOrders.ticketsOf(orderId) }
  }

  private async recordSale(
    eventId: string,
    orderId: string,
    body: SafetySaleBody,
    seller: AuthenticatedUser,
  ): Promise<void> {
    const { quantity, buyer, reason } = body
    await this.stock.transact(eventId, async (tx) => {
      const { transaction, balances } = tx
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
      const order = { id: orderId, buyer, quantity, seats: [] }
      const sales = await this.directOrders.write(transaction, eventId, [order], this.clock.now())
      await this.ticketMails.enqueue(transaction, event, sales)
      await this.audit.record(seller.id, 'safety-stock.sell', orderId, null, { eventId, quantity, reason }, transaction)
    })
  }
}

function soldOut(left: number | null): SoldOut {
  return new SoldOut(left === null ? 'The safety stock has just been used.' : `The safety stock has ${left} left.`)
}

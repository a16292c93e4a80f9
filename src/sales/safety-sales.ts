import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { sold } from '../domain/ledger-account.js'
import { SoldOut } from '../domain/errors.js'
import { SystemMode } from '../fail-safe/system-mode.js'
import { Clock } from '../infrastructure/clock.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Stock } from '../inventory/stock.js'
import { StockEvents } from '../inventory/stock-events.js'
import { ticketsOf, writeDirectOrders } from './direct-orders.js'
import { toCaller } from './event-lane.js'
import { saleRefusal } from './on-sale.js'
import type { SafetySaleBody, SafetySaleDto } from './safety-bodies.js'
import { TicketMails } from './tickets/ticket-mails.js'

/** Sells from the safety stock by hand, at once and without a hold; also after the red alarm (I9). */
@Injectable()
export class SafetySales {
  constructor(
    private readonly stock: Stock,
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly ticketMails: TicketMails,
    private readonly stockEvents: StockEvents,
    private readonly mode: SystemMode,
  ) {}

  /** Throws FailSafe; NotFound; StateConflict when the event is paused or closed; SoldOut. */
  async sell(eventId: string, body: SafetySaleBody, seller: AuthenticatedUser): Promise<SafetySaleDto> {
    this.mode.assertAdmitting()
    const orderId = newId('ord')
    try {
      await this.record(eventId, orderId, body, seller)
    } catch (error) {
      throw toCaller(error)
    }
    this.stockEvents.changed({ eventId, channel: 'DIRECT', delta: body.quantity, orders: [] })
    return { orderId, tickets: await ticketsOf(this.prisma, orderId) }
  }

  private async record(
    eventId: string,
    orderId: string,
    body: SafetySaleBody,
    seller: AuthenticatedUser,
  ): Promise<void> {
    const { quantity, buyer, reason } = body
    await this.stock.transact(eventId, async (tx) => {
      const { prisma, balances } = tx
      const event = await prisma.event.findUniqueOrThrow({ where: { id: eventId } })
      const refusal = saleRefusal(event, 'STAFF', this.clock.now())
      if (refusal) throw refusal
      if (balances.SAFETY < quantity) throw soldOut(balances.SAFETY)
      const posted = await tx.post({
        id: `safety-sale:${orderId}`,
        postings: [{ quantity, sources: ['SAFETY'], destination: sold('DIRECT') }],
        reason: `safety stock sale: ${reason}`,
        actor: seller.email,
        onInsufficient: 'skip',
      })
      if (!posted) throw soldOut(null)
      const order = { id: orderId, buyer, quantity, seats: [] }
      const sales = await writeDirectOrders(prisma, eventId, [order], this.clock.now())
      await this.ticketMails.put(prisma, event, sales)
      await this.audit.record(seller.id, 'safety-stock.sell', orderId, null, { eventId, quantity, reason }, prisma)
    })
  }
}

function soldOut(left: number | null): SoldOut {
  return new SoldOut(
    left === null ? 'The safety stock was taken at this moment.' : `The safety stock has ${left} left.`,
  )
}

import { Injectable } from '@nestjs/common'
import type { Account } from '../accounts/account.js'
import { AuditService } from '../accounts/audit.service.js'
import { sold } from '../domain/account.js'
import { SoldOut } from '../domain/errors.js'
import { SystemMode } from '../fail-safe/system-mode.js'
import { Clock } from '../infrastructure/clock.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { LockedStock } from '../inventory/locked-stock.js'
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
    private readonly stock: LockedStock,
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly ticketMails: TicketMails,
    private readonly stockEvents: StockEvents,
    private readonly mode: SystemMode,
  ) {}

  /** Throws FailSafe; NotFound; StateConflict when the event is paused or closed; SoldOut. */
  async sell(eventId: string, body: SafetySaleBody, seller: Account): Promise<SafetySaleDto> {
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

  private async record(eventId: string, orderId: string, body: SafetySaleBody, seller: Account): Promise<void> {
    const { quantity, buyer, reason } = body
    await this.stock.run(eventId, async ({ tx, balances }, salt) => {
      const event = await tx.event.findUniqueOrThrow({ where: { id: eventId } })
      const refusal = saleRefusal(event, 'STAFF', this.clock.now())
      if (refusal) throw refusal
      if (balances.SAFETY < quantity) throw soldOut(balances.SAFETY)
      const take = {
        operationId: `safety-sale:${orderId}${salt}`,
        legs: [{ quantity, from: ['SAFETY'], to: sold('DIRECT') }],
        reason: `safety stock sale: ${reason}`,
        actor: seller.email,
        short: 'taken',
      } as const
      return {
        takes: [take],
        finish: async ([movements]) => {
          if (!movements) throw soldOut(null)
          const sales = await writeDirectOrders(
            tx,
            eventId,
            [{ id: orderId, buyer, quantity, seats: [] }],
            this.clock.now(),
          )
          await this.ticketMails.put(tx, event, sales)
          await this.audit.record(seller.id, 'safety-stock.sell', orderId, null, { eventId, quantity, reason }, tx)
        },
      }
    })
  }
}

function soldOut(left: number | null): SoldOut {
  return new SoldOut(
    left === null ? 'The safety stock was taken at this moment.' : `The safety stock has ${left} left.`,
  )
}

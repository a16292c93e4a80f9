import { Injectable } from '@nestjs/common'
import { sold, unitsOf } from '../domain/stock/ledger-account.js'
import type { AppliedOrder } from '../domain/orders/applied-order.js'
import type { OrderSnapshot, TicketSnapshot } from '../domain/orders/order-snapshot.js'
import type { Channel } from '../domain/channel-record.js'
import { newId } from '../infrastructure/ids.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { StockTransaction } from '../stock/stock-transaction.js'
import { OrderApplier } from './order-applier.js'
import { OrderStore } from './order-store.js'

/** Orders per round: as many tickets are cancelled at most, and a larger decrease takes several rounds. */
const MAX_CANCELLED = 250

/**
 * Sales of a listing of which only the number is known. An increase is one order of that number of tickets, a decrease cancels the
 * newest ones: they enter the ledger as all sales on platforms do.
 */
@Injectable()
export class CountedSales {
  constructor(
    private readonly store: OrderStore,
    private readonly applier: OrderApplier,
    private readonly clock: Clock,
  ) {}

  /** Makes the recorded sales of the channel this number, within the caller's transaction; empty: they are it already. */
  async apply(tx: StockTransaction, channel: Channel, count: number): Promise<AppliedOrder[]> {
    const applied: AppliedOrder[] = []
    for (;;) {
      const difference = count - unitsOf(tx.balances, sold(channel))
      if (difference === 0) return applied
      const snapshots =
        difference > 0
          ? [this.sale(channel, difference)]
          : await this.cancellations(tx, channel, Math.min(MAX_CANCELLED, -difference))
      const { id: channelId, platform, externalTicketClassId: ticketClassId } = channel
      const orders = snapshots.map((snapshot) => ({ channelId, platform, snapshot, ticketClassId }))
      const results = await this.applier.applyLocked(tx, orders)
      // Orders of a process whose clock was ahead: the next attempt changes them.
      if (results.every(({ changed }) => !changed)) return applied
      applied.push(...results)
    }
  }

  private sale(channel: Channel, quantity: number): OrderSnapshot {
    const orderId = newId('cnt')
    const tickets = Array.from({ length: quantity }, (_, index) => ticketOf(channel, `${orderId}-${index + 1}`, true))
    return this.snapshotOf(channel, orderId, tickets)
  }

  private async cancellations(tx: StockTransaction, channel: Channel, quantity: number): Promise<OrderSnapshot[]> {
    const newest = await this.store.newestTickets(tx.transaction, channel.id, quantity)
    const orderIds = new Set(newest.map(({ externalOrderId }) => externalOrderId))
    return [...orderIds].map((orderId) => {
      const own = newest.filter(({ externalOrderId }) => externalOrderId === orderId)
      const tickets = own.map(({ externalTicketId }) => ticketOf(channel, externalTicketId, false))
      return this.snapshotOf(channel, orderId, tickets)
    })
  }

  /** When the tickets were sold is not known, only that they are by now. */
  private snapshotOf({ externalEventId }: Channel, orderId: string, tickets: TicketSnapshot[]): OrderSnapshot {
    const version = this.clock.now().toISOString()
    return { orderId, externalEventId, version, tickets, complete: false, buyer: null, placedAt: null }
  }
}

function ticketOf({ externalTicketClassId }: Channel, ticketId: string, live: boolean): TicketSnapshot {
  return { ticketId, live, ticketClassId: externalTicketClassId }
}

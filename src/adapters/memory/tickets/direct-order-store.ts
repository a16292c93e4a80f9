import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { DirectOrderStore, type IssuedTicket, type NewDirectOrder } from '../../../tickets/direct-order-store.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId } from '../sorting.js'

/** Values of rows that no platform created. */
const OWN_ORDER = { platform: 'DIRECT', channelId: null, externalOrderId: null, state: 'PLACED', revision: 0 } as const
const OWN_TICKET = {
  platform: 'DIRECT',
  channelId: null,
  externalTicketId: null,
  ticketClassId: null,
  state: 'VALID',
  version: null,
  cancelledAt: null,
} as const

export class MemoryDirectOrderStore extends DirectOrderStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async insert(
    transaction: DatabaseTransaction,
    eventId: string,
    orders: readonly NewDirectOrder[],
    at: Date,
  ): Promise<void> {
    this.database.assertAvailable()
    const createdAt = this.database.clock.now()
    for (const { id, buyer, tickets } of orders) {
      const times = { version: at.toISOString(), placedAt: at, seenAt: createdAt, updatedAt: createdAt }
      const sold = { quantity: tickets.length, buyerName: buyer.name, buyerEmail: buyer.email }
      await this.database.orders.insert(transaction, { ...OWN_ORDER, ...sold, ...times, id, eventId })
      for (const { seat = null, ...ticket } of tickets)
        await this.database.tickets.insert(transaction, {
          ...OWN_TICKET,
          ...ticket,
          orderId: id,
          eventId,
          seat,
          createdAt,
        })
    }
  }

  async ticketsOf(orderId: string): Promise<IssuedTicket[]> {
    this.database.assertAvailable()
    const rows = this.database.tickets.whereKey(null, 'orderId', orderId).toSorted(byId)
    return rows.map(({ id, seat, code }) => ({ id, ...(seat === null ? {} : { seat }), code: code ?? '' }))
  }
}

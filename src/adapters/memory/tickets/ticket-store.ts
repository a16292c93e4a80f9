import { TicketStore, type CheckedTicket } from '../../../tickets/ticket-store.js'
import type { MemoryDatabase } from '../memory-database.js'

/** Positions among the unique keys of the tables. */
const CODE = 1
const ORDER_OF_HOLD = 1

export class MemoryTicketStore extends TicketStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async find(id: string): Promise<(CheckedTicket & { accountId: string | null }) | null> {
    this.database.assertAvailable()
    const ticket = this.database.tickets.get(null, id)
    if (!ticket) return null
    const hold = this.database.holds.getUnique(null, ticket.orderId, ORDER_OF_HOLD)
    return { code: ticket.code, state: ticket.state, accountId: hold?.accountId ?? null }
  }

  async findByCode(code: string): Promise<CheckedTicket | null> {
    this.database.assertAvailable()
    const ticket = this.database.tickets.getUnique(null, code, CODE)
    return ticket ? { code: ticket.code, state: ticket.state } : null
  }
}

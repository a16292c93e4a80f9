import { TicketStore, type BoughtTicket, type CheckedTicket } from '../../../tickets/ticket-store.js'
import { byId } from '../sorting.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { TicketRow } from '../rows.js'

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
    return { code: ticket.code, state: ticket.state, accountId: this.accountOf(ticket.orderId) }
  }

  async findByCode(code: string): Promise<CheckedTicket | null> {
    this.database.assertAvailable()
    const ticket = this.database.tickets.getUnique(null, code, CODE)
    return ticket ? { code: ticket.code, state: ticket.state } : null
  }

  async boughtBy(accountId: string, before: string | undefined, limit: number): Promise<BoughtTicket[]> {
    this.database.assertAvailable()
    const isShown = ({ id, orderId }: TicketRow) =>
      (before === undefined || id < before) && this.accountOf(orderId) === accountId
    const rows = this.database.tickets.where(null, isShown).toSorted(byId).toReversed().slice(0, limit)
    return rows.flatMap(({ id, orderId, eventId, seat, state, code, createdAt }) => {
      const event = this.database.events.get(null, eventId)
      if (!event) return []
      return [{ id, orderId, eventId, eventName: event.name, startsAt: event.startsAt, seat, state, code, createdAt }]
    })
  }

  /** Null: no account has bought it. */
  private accountOf(orderId: string): string | null {
    return this.database.holds.getUnique(null, orderId, ORDER_OF_HOLD)?.accountId ?? null
  }
}

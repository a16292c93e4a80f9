import { TicketStore, type AccountTicket, type CheckedTicket, type TicketOwner } from '../../../tickets/ticket-store.js'
import { byId } from '../sorting.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { TicketRow } from '../rows.js'

/** Positions among the unique keys of the tables. */
const CODE = 1
const ORDER_OF_HOLD = 1
const REVOKED_CODE = 0

export class MemoryTicketStore extends TicketStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async find(id: string): Promise<(CheckedTicket & TicketOwner) | null> {
    this.database.assertAvailable()
    const ticket = this.database.tickets.get(null, id)
    return ticket ? { code: ticket.code, state: ticket.state, ...this.ownerOf(ticket) } : null
  }

  async findByCode(code: string): Promise<CheckedTicket | null> {
    this.database.assertAvailable()
    const ticket = this.database.tickets.getUnique(null, code, CODE)
    if (ticket) return { code: ticket.code, state: ticket.state }
    const revoked = this.database.ticketTransfers.getUnique(null, code, REVOKED_CODE)
    return revoked ? { code, state: 'TRANSFERRED' } : null
  }

  async ofAccount(
    account: { id: string; email: string | null },
    before: string | undefined,
    limit: number,
  ): Promise<AccountTicket[]> {
    this.database.assertAvailable()
    const isGiven = ({ holderEmail, transferredAt }: TicketRow) =>
      transferredAt !== null && account.email !== null && holderEmail === account.email
    const isShown = (row: TicketRow) =>
      (before === undefined || row.id < before) && (this.buyerOf(row.orderId) === account.id || isGiven(row))
    const rows = this.database.tickets.where(null, isShown).toSorted(byId).toReversed().slice(0, limit)
    return rows.flatMap((row) => {
      const event = this.database.events.get(null, row.eventId)
      if (!event) return []
      const { id, orderId, eventId, seat, state, code, createdAt, transferredAt } = row
      const shown = { id, orderId, eventId, seat, state, code, createdAt, transferredAt }
      return [{ ...shown, ...this.ownerOf(row), eventName: event.name, startsAt: event.startsAt }]
    })
  }

  private ownerOf({ orderId, holderEmail, transferredAt }: TicketRow): TicketOwner {
    return transferredAt === null
      ? { accountId: this.buyerOf(orderId), transferredTo: null }
      : { accountId: null, transferredTo: holderEmail }
  }

  /** Null: no account has bought it. */
  private buyerOf(orderId: string): string | null {
    return this.database.holds.getUnique(null, orderId, ORDER_OF_HOLD)?.accountId ?? null
  }
}

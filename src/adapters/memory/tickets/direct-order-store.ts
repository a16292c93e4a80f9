import type { ChannelName } from '../../../domain/channel.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  DirectOrderStore,
  type GivenTicket,
  type IssuedTicket,
  type NewDirectOrder,
  type RecordedDirectOrder,
} from '../../../tickets/direct-order-store.js'
import { NO_DETAILS } from '../../../orders/ticket-details.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { TicketRow } from '../rows.js'
import { byId } from '../sorting.js'

/** Values of rows that no platform created. */
const OWN_ORDER = {
  platform: 'DIRECT',
  channelId: null,
  externalOrderId: null,
  state: 'PLACED',
  revision: 0,
  buyerErasedAt: null,
} as const
const OWN_TICKET = {
  ...NO_DETAILS,
  platform: 'DIRECT',
  channelId: null,
  externalTicketId: null,
  ticketClassId: null,
  state: 'VALID',
  version: null,
  cancelledAt: null,
  transferredAt: null,
  ignoredCheckInAt: null,
} as const

const isValid = ({ state }: TicketRow) => state === 'VALID'

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
          holderName: buyer.name,
          holderEmail: buyer.email,
        })
    }
  }

  async find(orderId: string): Promise<{ eventId: string; platform: ChannelName } | null> {
    this.database.assertAvailable()
    const row = this.database.orders.get(null, orderId)
    return row ? { eventId: row.eventId, platform: row.platform } : null
  }

  async read(transaction: DatabaseTransaction, orderId: string): Promise<RecordedDirectOrder> {
    this.database.assertAvailable()
    const row = this.database.orders.get(transaction, orderId)
    if (!row) throw new Error(`there is no order ${orderId}`)
    const { id, eventId, state, quantity, buyerName, buyerEmail } = row
    return { id, eventId, state, quantity, buyer: { name: buyerName, email: buyerEmail } }
  }

  async cancel(transaction: DatabaseTransaction, orderId: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    const change = { state: 'CANCELLED', quantity: 0, updatedAt: this.database.clock.now() } as const
    if (!(await this.database.orders.update(transaction, orderId, change))) throw new Error(`no order ${orderId}`)
    for (const { id } of this.database.tickets.whereKey(transaction, 'orderId', orderId, isValid))
      await this.database.tickets.update(transaction, id, { state: 'CANCELLED', cancelledAt: at })
  }

  async givenTickets(transaction: DatabaseTransaction, orderId: string): Promise<GivenTicket[]> {
    this.database.assertAvailable()
    const isGiven = ({ transferredAt }: TicketRow) => transferredAt !== null
    const rows = this.database.tickets.whereKey(transaction, 'orderId', orderId, isGiven).toSorted(byId)
    return rows.map(({ id, seat, holderName: name, holderEmail: email }) => ({ id, seat, holder: { name, email } }))
  }

  async ticketsOf(orderId: string): Promise<IssuedTicket[]> {
    this.database.assertAvailable()
    const isBuyers = (row: TicketRow) => isValid(row) && row.transferredAt === null
    const rows = this.database.tickets.whereKey(null, 'orderId', orderId, isBuyers).toSorted(byId)
    return rows.map(({ id, seat, code }) => ({ id, ...(seat === null ? {} : { seat }), code: code ?? '' }))
  }
}

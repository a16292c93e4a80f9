import type { ChannelName } from '../../../domain/channel.js'
import { sortKey } from '../../../domain/people/name-key.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  DirectOrderStore,
  type GivenTicket,
  type IssuedTicket,
  type NewDirectOrder,
  type RecordedDirectOrder,
} from '../../../tickets/direct-order-store.js'

export class PrismaDirectOrderStore extends DirectOrderStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  /** One statement for all orders and one for all tickets. */
  async insert(
    transaction: DatabaseTransaction,
    eventId: string,
    orders: readonly NewDirectOrder[],
    at: Date,
  ): Promise<void> {
    if (orders.length === 0) return
    const client = clientOf(transaction)
    const rows = orders.map(({ id, buyer, tickets }) => ({ id, quantity: tickets.length, ...buyer }))
    await client.$executeRaw`
      INSERT INTO orders (id, event_id, platform, state, quantity, buyer_name, buyer_email, version, placed_at)
      SELECT id, ${eventId}, 'DIRECT', 'PLACED', quantity, name, email, ${at.toISOString()}, ${at}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS sale(id text, quantity int, name text, email text)`
    const tickets = orders.flatMap(({ id, buyer: { name, email }, tickets: issued }) =>
      issued.map((ticket) => ({ ...ticket, order_id: id, name, email, key: sortKey(name) })),
    )
    await client.$executeRaw`
      INSERT INTO tickets (id, order_id, event_id, platform, state, seat, code, holder_name, holder_email, holder_key)
      SELECT id, order_id, ${eventId}, 'DIRECT', 'VALID', seat, code, name, email, key
      FROM jsonb_to_recordset(${JSON.stringify(tickets)}::jsonb)
        AS ticket(id text, order_id text, seat text, code text, name text, email text, key text)`
  }

  find(orderId: string): Promise<{ eventId: string; platform: ChannelName } | null> {
    return this.prisma.order.findUnique({ where: { id: orderId }, select: { eventId: true, platform: true } })
  }

  async read(transaction: DatabaseTransaction, orderId: string): Promise<RecordedDirectOrder> {
    const row = await clientOf(transaction).order.findUniqueOrThrow({ where: { id: orderId } })
    const { id, eventId, state, quantity, buyerName, buyerEmail } = row
    return { id, eventId, state, quantity, buyer: { name: buyerName, email: buyerEmail } }
  }

  async cancel(transaction: DatabaseTransaction, orderId: string, at: Date): Promise<void> {
    const client = clientOf(transaction)
    await client.order.update({ where: { id: orderId }, data: { state: 'CANCELLED', quantity: 0 } })
    const where = { orderId, state: 'VALID' as const }
    await client.ticket.updateMany({ where, data: { state: 'CANCELLED', cancelledAt: at } })
  }

  async givenTickets(transaction: DatabaseTransaction, orderId: string): Promise<GivenTicket[]> {
    const rows = await clientOf(transaction).ticket.findMany({
      where: { orderId, transferredAt: { not: null } },
      orderBy: { id: 'asc' },
    })
    return rows.map(({ id, seat, holderName: name, holderEmail: email }) => ({ id, seat, holder: { name, email } }))
  }

  async ticketsOf(orderId: string): Promise<IssuedTicket[]> {
    const rows = await this.prisma.ticket.findMany({
      where: { orderId, state: 'VALID', transferredAt: null },
      select: { id: true, seat: true, code: true },
      orderBy: { id: 'asc' },
    })
    return rows.map(({ id, seat, code }) => ({ id, ...(seat === null ? {} : { seat }), code: code ?? '' }))
  }
}

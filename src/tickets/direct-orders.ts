import { randomBytes } from 'node:crypto'
import type { Buyer } from '../domain/orders/order-snapshot.js'
import { newId } from '../infrastructure/ids.js'
import type { Transaction } from '../infrastructure/prisma/transaction.js'

export interface DirectOrder {
  id: string
  buyer: Buyer
  quantity: number
  /** One per ticket, or none. */
  seats: readonly string[]
}

export interface IssuedTicket {
  id: string
  seat?: string
  /** Checked at the door; not guessable. */
  code: string
}

/** An order with the tickets issued for it. */
export interface DirectSale {
  buyer: Buyer
  tickets: IssuedTicket[]
}

const CODE_BYTES = 18

/** Writes direct orders with their tickets, which are valid at once. Returns the sales in the order of the input. */
export async function writeDirectOrders(
  tx: Transaction,
  eventId: string,
  orders: readonly DirectOrder[],
  now: Date,
): Promise<DirectSale[]> {
  const rows = orders.map(({ id, quantity, buyer }) => ({ id, quantity, ...buyer }))
  // One statement for all orders and one for all tickets.
  await tx.$executeRaw`
    INSERT INTO orders (id, event_id, platform, state, quantity, buyer_name, buyer_email, version, placed_at)
    SELECT id, ${eventId}, 'DIRECT', 'PLACED', quantity, name, email, ${now.toISOString()}, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS sale(id text, quantity int, name text, email text)`
  const sales = orders.map(({ buyer, quantity, seats }) => ({
    buyer,
    tickets: Array.from({ length: quantity }, (_, index) => newTicket(seats[index])),
  }))
  const tickets = sales.flatMap((sale, index) =>
    sale.tickets.map((ticket) => ({ ...ticket, order_id: orders[index]?.id })),
  )
  await tx.$executeRaw`
    INSERT INTO tickets (id, order_id, event_id, platform, state, seat, code)
    SELECT id, order_id, ${eventId}, 'DIRECT', 'VALID', seat, code
    FROM jsonb_to_recordset(${JSON.stringify(tickets)}::jsonb) AS ticket(id text, order_id text, seat text, code text)`
  return sales
}

function newTicket(seat: string | undefined): IssuedTicket {
  // A spreadsheet would read a leading dash as a formula.
  const code = randomBytes(CODE_BYTES).toString('base64url').replace(/^-/, '_')
  return { id: newId('tkt'), ...(seat === undefined ? {} : { seat }), code }
}

/** The tickets of an order, oldest first. */
export async function ticketsOf(tx: Pick<Transaction, 'ticket'>, orderId: string): Promise<IssuedTicket[]> {
  const rows = await tx.ticket.findMany({
    where: { orderId },
    select: { id: true, seat: true, code: true },
    orderBy: { id: 'asc' },
  })
  return rows.map(({ id, seat, code }) => ({ id, ...(seat === null ? {} : { seat }), code: code ?? '' }))
}

import { Injectable } from '@nestjs/common'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { requireEvent } from '../../infrastructure/prisma/require-event.js'
import { csvOf } from '../../infrastructure/text/csv.js'

const BATCH = 1_000
const ORDER_COLUMNS = [
  'id',
  'platform',
  'externalOrderId',
  'state',
  'quantity',
  'buyerName',
  'buyerEmail',
  'placedAt',
  'seenAt',
] as const
const TICKET_COLUMNS = [
  'id',
  'orderId',
  'platform',
  'externalTicketId',
  'seat',
  'state',
  'code',
  'buyerName',
  'buyerEmail',
  'createdAt',
  'cancelledAt',
] as const

/** Exports all orders or tickets of an event, oldest first, read in batches, without a size limit. */
@Injectable()
export class SalesCsv {
  constructor(private readonly prisma: PrismaService) {}

  /** Throws NotFound before the first line. */
  async orders(eventId: string): Promise<AsyncGenerator<string>> {
    await requireEvent(this.prisma, eventId)
    return csvOf(
      ORDER_COLUMNS,
      batches((after) => this.prisma.order.findMany(pageAfter(eventId, after))),
    )
  }

  /** As `orders`. */
  async tickets(eventId: string): Promise<AsyncGenerator<string>> {
    await requireEvent(this.prisma, eventId)
    const include = { order: { select: { buyerName: true, buyerEmail: true } } } as const
    const read = async (after: string) => {
      const tickets = await this.prisma.ticket.findMany({ ...pageAfter(eventId, after), include })
      return tickets.map((ticket) => ({ ...ticket, ...ticket.order }))
    }
    return csvOf(TICKET_COLUMNS, batches(read))
  }
}

function pageAfter(eventId: string, after: string) {
  return { where: { eventId, id: { gt: after } }, orderBy: { id: 'asc' }, take: BATCH } as const
}

async function* batches<Row extends { id: string }>(read: (after: string) => Promise<Row[]>): AsyncGenerator<Row[]> {
  for (let after = ''; ;) {
    const rows = await read(after)
    yield rows
    if (rows.length < BATCH) return
    after = rows.at(-1)?.id ?? after
  }
}

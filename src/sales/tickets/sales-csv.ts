import { Injectable } from '@nestjs/common'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { requireEvent } from '../../infrastructure/prisma/require-event.js'
import { csvLine, type Cell } from './csv.js'

const BATCH = 1_000
const ORDER_COLUMNS = ['id', 'platform', 'externalOrderId', 'state', 'quantity', 'buyerName', 'buyerEmail', 'placedAt']
const TICKET_COLUMNS = ['id', 'orderId', 'platform', 'externalTicketId', 'seat', 'state', 'code', 'buyerName']

type ReadBatch = (after: string) => Promise<{ id: string; cells: Cell[] }[]>

/** Exports all orders or tickets of an event, oldest first, read in batches, without a size limit. */
@Injectable()
export class SalesCsv {
  constructor(private readonly prisma: PrismaService) {}

  /** Throws NotFound before the first line. */
  async orders(eventId: string): Promise<AsyncGenerator<string>> {
    await requireEvent(this.prisma, eventId)
    return lines([...ORDER_COLUMNS, 'seenAt'], async (after) => {
      const rows = await this.prisma.order.findMany(pageAfter(eventId, after))
      return rows.map(
        ({ id, platform, externalOrderId, state, quantity, buyerName, buyerEmail, placedAt, seenAt }) => ({
          id,
          cells: [id, platform, externalOrderId, state, quantity, buyerName, buyerEmail, placedAt, seenAt],
        }),
      )
    })
  }

  /** As `orders`. */
  async tickets(eventId: string): Promise<AsyncGenerator<string>> {
    await requireEvent(this.prisma, eventId)
    return lines([...TICKET_COLUMNS, 'buyerEmail', 'createdAt', 'cancelledAt'], async (after) => {
      const order = { select: { buyerName: true, buyerEmail: true } }
      const rows = await this.prisma.ticket.findMany({ ...pageAfter(eventId, after), include: { order } })
      return rows.map((row) => {
        const { id, orderId, platform, externalTicketId, seat, state, code, createdAt, cancelledAt } = row
        const { buyerName, buyerEmail } = row.order
        const ids = [id, orderId, platform, externalTicketId]
        return { id, cells: [...ids, seat, state, code, buyerName, buyerEmail, createdAt, cancelledAt] }
      })
    })
  }
}

function pageAfter(eventId: string, after: string) {
  return { where: { eventId, id: { gt: after } }, orderBy: { id: 'asc' }, take: BATCH } as const
}

async function* lines(columns: readonly string[], read: ReadBatch): AsyncGenerator<string> {
  yield csvLine(columns)
  for (let after = ''; ;) {
    const rows = await read(after)
    yield rows.map(({ cells }) => csvLine(cells)).join('')
    if (rows.length < BATCH) return
    after = rows.at(-1)?.id ?? after
  }
}

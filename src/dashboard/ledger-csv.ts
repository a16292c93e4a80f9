import { Injectable } from '@nestjs/common'
import { NotFound } from '../domain/errors.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { csvLine } from '../sales/tickets/csv.js'

const COLUMNS = [
  'id',
  'recordedAt',
  'from',
  'to',
  'quantity',
  'reason',
  'actor',
  'operationId',
  'epoch',
  'seq',
] as const
const BATCH = 1_000

/** The ledger of an event as comma-separated values, oldest first, read in batches. */
@Injectable()
export class LedgerCsv {
  constructor(private readonly prisma: PrismaService) {}

  /** Throws NotFound before the first line. */
  async lines(eventId: string): Promise<AsyncGenerator<string>> {
    const event = await this.prisma.event.findUnique({ where: { id: eventId }, select: { id: true } })
    if (!event) throw new NotFound('There is no such event.')
    return this.read(eventId)
  }

  private async *read(eventId: string): AsyncGenerator<string> {
    yield csvLine(COLUMNS)
    for (let after = 0n; ;) {
      const rows = await this.prisma.stockMovement.findMany({
        where: { eventId, id: { gt: after } },
        orderBy: { id: 'asc' },
        take: BATCH,
        include: { operation: true },
      })
      for (const { id, from, to, quantity, operationId, operation } of rows) {
        const { recordedAt, reason, actor, epoch, seq } = operation
        yield csvLine([String(id), recordedAt, from, to, quantity, reason, actor, operationId, epoch, seq])
      }
      if (rows.length < BATCH) return
      after = rows.at(-1)?.id ?? after
    }
  }
}

import { Injectable } from '@nestjs/common'
import { namedSides } from '../events/history/account-names.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { csvOf } from '../infrastructure/text/csv.js'
import { eventNotFound } from '../domain/errors.js'

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
  'fromChannelId',
  'toChannelId',
] as const
const BATCH = 1_000

/** The ledger of an event as comma-separated values, oldest first, read in batches. */
@Injectable()
export class LedgerCsv {
  constructor(private readonly prisma: PrismaService) {}

  /** Throws NotFound before the first line. */
  async lines(eventId: string): Promise<AsyncGenerator<string>> {
    const event = await this.prisma.event.findUnique({ where: { id: eventId }, include: { channels: true } })
    if (!event) throw eventNotFound()
    return csvOf(COLUMNS, this.read(eventId, event.channels))
  }

  private async *read(eventId: string, channels: readonly Channel[]) {
    for (let after = 0n; ;) {
      const rows = await this.prisma.stockMovement.findMany({
        where: { eventId, id: { gt: after } },
        orderBy: { id: 'asc' },
        take: BATCH,
        include: { operation: true },
      })
      yield rows.map((row) => ({ ...row, ...row.operation, ...namedSides(row.from, row.to, channels) }))
      if (rows.length < BATCH) return
      after = rows.at(-1)?.id ?? after
    }
  }
}

import type { PrismaClient } from '../../../generated/prisma/client.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { SeatStore, type Seat } from '../../../seats/seat-store.js'

export class PrismaSeatStore extends SeatStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  /** One statement for the whole chart. */
  async createChart(transaction: DatabaseTransaction, eventId: string, seats: readonly string[]): Promise<void> {
    if (seats.length === 0) return
    await clientOf(transaction).$executeRaw`
      INSERT INTO seats (event_id, seat, position)
      SELECT ${eventId}, seat, position FROM unnest(${seats}::text[]) WITH ORDINALITY AS chart(seat, position)`
  }

  /** Each change of a seat moves stock in the same transaction, which adds a line to the proof. */
  async version(eventId: string): Promise<number | null> {
    const ledger = await this.prisma.eventLedger.findUnique({ where: { eventId }, select: { proofPosition: true } })
    return ledger?.proofPosition ?? null
  }

  list(eventId: string): Promise<Seat[]> {
    return this.prisma.$queryRaw<Seat[]>`
      SELECT seats.seat,
        CASE WHEN claims.ticket_id IS NOT NULL THEN 'SOLD'
             WHEN claims.hold_id IS NOT NULL THEN 'HELD' ELSE 'AVAILABLE' END AS state
      FROM seats LEFT JOIN seat_claims claims USING (event_id, seat)
      WHERE seats.event_id = ${eventId} ORDER BY seats.position`
  }

  async free(transaction: DatabaseTransaction, eventId: string, limit: number): Promise<string[]> {
    const rows = await clientOf(transaction).seat.findMany({
      where: { eventId, claim: null },
      orderBy: { position: 'asc' },
      select: { seat: true },
      take: limit,
    })
    return rows.map(({ seat }) => seat)
  }
}

import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { SeatStore } from '../../../seats/seat-store.js'

export class PrismaSeatStore extends SeatStore {
  /** One statement for the whole chart. */
  async createChart(transaction: DatabaseTransaction, eventId: string, seats: readonly string[]): Promise<void> {
    if (seats.length === 0) return
    await clientOf(transaction).$executeRaw`
      INSERT INTO seats (event_id, seat, position)
      SELECT ${eventId}, seat, position FROM unnest(${seats}::text[]) WITH ORDINALITY AS chart(seat, position)`
  }
}

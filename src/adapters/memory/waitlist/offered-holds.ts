import type { Hold } from '../../../domain/hold-record.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { OfferedHolds } from '../../../waitlist/offered-holds.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryOfferedHolds extends OfferedHolds {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async add(transaction: DatabaseTransaction, hold: Hold): Promise<void> {
    this.database.assertAvailable()
    const { id: holdId, eventId, seats } = hold
    await this.database.holds.insert(transaction, hold)
    for (const seat of seats)
      await this.database.seatClaims.insert(transaction, { eventId, seat, holdId, ticketId: null })
  }
}

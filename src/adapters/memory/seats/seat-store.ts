import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { SeatStore } from '../../../seats/seat-store.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemorySeatStore extends SeatStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async createChart(transaction: DatabaseTransaction, eventId: string, seats: readonly string[]): Promise<void> {
    this.database.assertAvailable()
    for (const [index, seat] of seats.entries())
      await this.database.seats.insert(transaction, { eventId, seat, position: index + 1 })
  }
}

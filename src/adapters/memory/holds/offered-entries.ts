import { OfferedEntries } from '../../../holds/offered-entries.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryOfferedEntries extends OfferedEntries {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async end(
    transaction: DatabaseTransaction,
    offers: readonly { holdId: string; sold: boolean }[],
    at: Date,
  ): Promise<void> {
    this.database.assertAvailable()
    for (const { holdId, sold } of offers) {
      const entry = this.database.waitlistEntries.getUnique(transaction, holdId)
      if (!entry) continue
      const change = { state: sold ? 'CONFIRMED' : 'LAPSED', settledAt: at } as const
      await this.database.waitlistEntries.update(transaction, entry.id, change, ({ state }) => state === 'OFFERED')
    }
  }

  async replace(transaction: DatabaseTransaction, holdId: string, replacementId: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    const entry = this.database.waitlistEntries.getUnique(transaction, holdId)
    if (!entry) return
    const change = { holdId: replacementId, state: 'CONFIRMED', settledAt: at } as const
    await this.database.waitlistEntries.update(transaction, entry.id, change)
  }
}

import { WalkInStore, type WalkIn } from '../../../door/walk-ins/walk-in-store.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { walkInKey, type MemoryDatabase } from '../memory-database.js'
import { UniqueViolation } from '../memory-table.js'

export class MemoryWalkInStore extends WalkInStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async recordOnce(transaction: DatabaseTransaction, walkIn: WalkIn): Promise<WalkIn> {
    this.database.assertAvailable()
    try {
      await this.database.walkIns.insert(transaction, { ...walkIn })
      return walkIn
    } catch (error) {
      const earlier = this.database.walkIns.getUnique(transaction, walkInKey(walkIn) ?? '')
      if (error instanceof UniqueViolation && earlier) return earlier
      throw error
    }
  }

  async find(transaction: DatabaseTransaction, id: string): Promise<WalkIn | null> {
    this.database.assertAvailable()
    return this.database.walkIns.get(transaction, id) ?? null
  }

  async takeBack(transaction: DatabaseTransaction, id: string, takenBackAt: Date): Promise<boolean> {
    this.database.assertAvailable()
    const isCounted = (row: WalkIn) => row.takenBackAt === null
    return this.database.walkIns.update(transaction, id, { takenBackAt }, isCounted)
  }
}

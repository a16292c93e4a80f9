import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { Transactions } from '../../infrastructure/transactions.js'
import { MemoryTransaction, type MemoryDatabase } from './memory-database.js'

export class MemoryTransactions extends Transactions {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  run<T>(work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.database.transaction(work)
  }

  async lock(transaction: DatabaseTransaction, names: readonly string[], timeoutMs: number): Promise<void> {
    this.database.assertAvailable()
    if (!(transaction instanceof MemoryTransaction)) throw new TypeError('not a transaction in memory')
    for (const name of [...new Set(names)].toSorted()) await transaction.lockName(name, timeoutMs)
  }
}

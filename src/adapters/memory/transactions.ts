import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { Transactions } from '../../infrastructure/transactions.js'
import type { MemoryDatabase } from './memory-database.js'
import { memoryTransaction } from './memory-transaction.js'

export class MemoryTransactions extends Transactions {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  run<T>(work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.database.transaction(work)
  }

  async lock(transaction: DatabaseTransaction, names: readonly string[], timeoutMs: number): Promise<void> {
    this.database.assertAvailable()
    const own = memoryTransaction(transaction)
    for (const name of [...new Set(names)].toSorted()) await own?.lockName(name, timeoutMs)
  }

  async tryLock(transaction: DatabaseTransaction, names: readonly string[]): Promise<boolean> {
    this.database.assertAvailable()
    const own = memoryTransaction(transaction)
    return [...new Set(names)].toSorted().every((name) => own?.tryLockName(name) ?? false)
  }
}

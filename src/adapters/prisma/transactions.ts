import type { PrismaClient } from '../../generated/prisma/client.js'
import { lockNumber } from '../../infrastructure/locks/lock-number.js'
import { clientOf, PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { Transactions } from '../../infrastructure/transactions.js'

/** A transaction may wait for locks. */
const TRANSACTION = { maxWait: 5_000, timeout: 15_000 }

export class PrismaTransactions extends Transactions {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  run<T>(work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction((client) => work(new PrismaTransaction(client)), TRANSACTION)
  }

  async lock(transaction: DatabaseTransaction, names: readonly string[], timeoutMs: number): Promise<void> {
    const client = clientOf(transaction)
    await client.$executeRaw`SELECT set_config('lock_timeout', ${`${timeoutMs}ms`}, true)`
    for (const name of [...new Set(names)].toSorted()) {
      await client.$executeRaw`SELECT pg_advisory_xact_lock(${lockNumber(name)}::bigint)`
    }
  }

  async tryLock(transaction: DatabaseTransaction, names: readonly string[]): Promise<boolean> {
    const client = clientOf(transaction)
    for (const name of [...new Set(names)].toSorted()) {
      const [row] = await client.$queryRaw<{ locked: boolean }[]>`
        SELECT pg_try_advisory_xact_lock(${lockNumber(name)}::bigint) AS locked`
      if (!row?.locked) return false
    }
    return true
  }
}

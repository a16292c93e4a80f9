import type { Prisma } from '../../generated/prisma/client.js'
import { DatabaseTransaction } from '../transaction.js'

export type Transaction = Prisma.TransactionClient

export class PrismaTransaction extends DatabaseTransaction {
  protected readonly database = 'PostgreSQL'

  constructor(readonly client: Transaction) {
    super()
  }
}

/** The Prisma client of a transaction that Prisma opened. */
export function clientOf(transaction: DatabaseTransaction): Transaction {
  if (!(transaction instanceof PrismaTransaction)) throw new TypeError('not a transaction of PostgreSQL')
  return transaction.client
}

/** The Prisma client of the transaction in which an event is locked. */
export function prismaOf({ transaction }: { transaction: DatabaseTransaction }): Transaction {
  return clientOf(transaction)
}

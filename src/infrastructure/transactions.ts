import type { DatabaseTransaction } from './transaction.js'

/** Transactions that are not those of one locked event. */
export abstract class Transactions {
  /** Runs `work` in one transaction; commits unless it throws. */
  abstract run<T>(work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T>

  /**
   * Waits for these locks and keeps them until the transaction ends. A name is the same lock as in `Locks`. They are taken
   * in sorted order, so that two transactions that need the same ones do not deadlock. Rejects when it waits longer than
   * `timeoutMs` for one.
   */
  abstract lock(transaction: DatabaseTransaction, names: readonly string[], timeoutMs: number): Promise<void>

  /**
   * As `lock`, without waiting. False: one of them is not free; those that it took before are kept until the transaction
   * ends.
   */
  abstract tryLock(transaction: DatabaseTransaction, names: readonly string[]): Promise<boolean>
}

import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** The stored mode, which all processes share. */
export abstract class FailSafeState {
  /** Whether the stored mode is fail-safe, as `transaction` sees it. Null: outside one. */
  abstract isFailSafe(transaction: DatabaseTransaction | null): Promise<boolean>
}

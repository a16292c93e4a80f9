import type { Hold } from '../domain/hold-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** Rows of the holds that are offered to waitlist entries. */
export abstract class OfferedHolds {
  /** Inserts the hold, and claims its seats. */
  abstract add(transaction: DatabaseTransaction, hold: Hold): Promise<void>
}

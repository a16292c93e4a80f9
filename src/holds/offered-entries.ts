import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** The waitlist entries that holds were offered to. */
export abstract class OfferedEntries {
  /** The entries to which these holds are offered end with them: CONFIRMED when it was sold, else LAPSED. */
  abstract end(
    transaction: DatabaseTransaction,
    offers: readonly { holdId: string; sold: boolean }[],
    at: Date,
  ): Promise<void>

  /** The entry of a hold whose payment had failed is CONFIRMED with the hold that the late payment bought. */
  abstract replace(transaction: DatabaseTransaction, holdId: string, replacementId: string, at: Date): Promise<void>
}

import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import type { WalkInSource } from './walk-ins.dto.js'

/** People who came to the door without a ticket and were let in. */
export interface WalkIn {
  id: string
  eventId: string
  source: WalkInSource
  quantity: number
  at: Date
  /** Of the tickets that were sold to them; null: none were. */
  orderId: string | null
  /** Who let them in, and with what. */
  userId: string
  deviceId: string | null
  recordedAt: Date
  idempotencyKey: string | null
  /** Of the request's content. */
  requestHash: string
  /** They do not count any more; null: they count. */
  takenBackAt: Date | null
}

/** Rows of walk-ins. */
export abstract class WalkInStore {
  /**
   * Returns the row on record: the given one, or an earlier one of its user and event under its idempotency key. Requests
   * under one key wait for each other.
   */
  abstract recordOnce(transaction: DatabaseTransaction, walkIn: WalkIn): Promise<WalkIn>

  /** Null: unknown. */
  abstract find(transaction: DatabaseTransaction, id: string): Promise<WalkIn | null>

  /** False: it was taken back before. */
  abstract takeBack(transaction: DatabaseTransaction, id: string, at: Date): Promise<boolean>
}

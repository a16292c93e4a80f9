import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** The idempotency key under which a user sold from the safety stock. */
export interface SaleKey {
  eventId: string
  /** Who sold. */
  userId: string
  idempotencyKey: string
  /** Of the request's content; a different hash under the same key is a conflict. */
  requestHash: string
  orderId: string
  createdAt: Date
}

export type SaleKeyId = Pick<SaleKey, 'eventId' | 'userId' | 'idempotencyKey'>

/** Rows of the keys; those of an event are only written under the event's lock. */
export abstract class SaleKeyStore {
  /** Null: nothing was sold under it. */
  abstract find(transaction: DatabaseTransaction, key: SaleKeyId): Promise<SaleKey | null>

  /** Replaces what the key was used for before. */
  abstract put(transaction: DatabaseTransaction, key: SaleKey): Promise<void>
}

import type { HoldState } from '../domain/hold.js'
import type { Hold } from '../domain/hold-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** A hold that becomes final. `hold`: as it was read in the same transaction. */
export interface SettledHold {
  hold: Pick<Hold, 'id' | 'state'>
  to: HoldState
  /** Set when the hold was sold. */
  orderId: string | null
}

/** A customer of one event. */
export interface EventCustomer {
  eventId: string
  accountId: string
}

export interface HoldKey extends EventCustomer {
  idempotencyKey: string
}

/** Rows of holds. Those of an event are only changed under the event's lock. */
export abstract class HoldStore {
  /** Null: unknown. */
  abstract find(holdId: string): Promise<Hold | null>

  /** The holds of this event among these, in no particular order. */
  abstract ofEvent(transaction: DatabaseTransaction, eventId: string, holdIds: readonly string[]): Promise<Hold[]>

  /** The hold that became this order; null: none did. */
  abstract ofOrder(transaction: DatabaseTransaction, orderId: string): Promise<Hold | null>

  /** The hold that has this idempotency key of the account; null: none has. */
  abstract findByKey(
    eventId: string,
    accountId: string,
    idempotencyKey: string,
  ): Promise<Pick<Hold, 'id' | 'createdAt'> | null>

  /** The holds that have these idempotency keys, in no particular order. */
  abstract withKeys(transaction: DatabaseTransaction, keys: readonly HoldKey[]): Promise<Hold[]>

  /**
   * Units that these accounts hold or have bought, each of one event: in live holds, and valid tickets. In no particular
   * order; those without any are missing.
   */
  abstract customerUnits(
    transaction: DatabaseTransaction,
    customers: readonly EventCustomer[],
  ): Promise<(EventCustomer & { units: number })[]>

  /** All or none. Rejects with a unique violation for an id, key or order that another hold has. */
  abstract insert(transaction: DatabaseTransaction, holds: readonly Hold[]): Promise<void>

  /** Removes the idempotency keys of these holds, so that others can have them. */
  abstract removeKeys(transaction: DatabaseTransaction, holdIds: readonly string[]): Promise<void>

  /** The only change that makes holds final. Throws when the state of one has changed since it was read. */
  abstract settle(transaction: DatabaseTransaction, settled: readonly SettledHold[], at: Date): Promise<void>

  /** Moves holds from HELD to PAYMENT_PENDING. Throws when one is in another state. */
  abstract startPayments(transaction: DatabaseTransaction, holdIds: readonly string[]): Promise<void>

  /** Up to `limit` holds that are HELD and expire at `at` or earlier, without those of these events; longest overdue first. */
  abstract overdue(at: Date, exceptEvents: readonly string[], limit: number): Promise<Pick<Hold, 'id' | 'eventId'>[]>

  /** The hold bought by the payment of this one, which succeeded after it was recorded as failed; null: none. */
  abstract replacementOf(holdId: string): Promise<string | null>

  /** The secret with which the buyer authenticates the pending payment of this hold at the provider; null: nothing to do. */
  abstract clientSecretOf(holdId: string): Promise<string | null>
}

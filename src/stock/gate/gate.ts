import type { Balances } from '../../domain/stock/ledger-account.js'
import type { Posting, Movement } from '../../domain/stock/posting.js'

export interface GateOperation {
  operationId: string
  postings: readonly Posting[]
}

/** Movements of one accepted operation, and its position in the gate's history. */
export interface Taken {
  kind: 'TAKEN'
  epoch: number
  seq: number
  movements: Movement[]
}

export type TakeResult = Taken | { kind: 'INSUFFICIENT' } | { kind: 'NOT_LOADED' }

export interface PendingOperation {
  operationId: string
  /** Null: the recorded result has expired. */
  taken: Taken | null
}

/** How long a repeated operation returns the same result, ms. Afterwards the ledger detects the duplicate. */
export const RESULT_TTL_MS = 3_600_000

/** A gate's balances and its position in its own history. */
export interface GateState {
  epoch: number
  seq: number
  balances: Balances
}

/**
 * Decides stock operations before the ledger records them, and tracks those that the ledger has not confirmed yet. Every
 * method rejects if the gate does not respond in time; the outcome is then unknown and the same operation id can be retried.
 */
export abstract class StockGate {
  /** All postings of the operation, or none. An operation that was taken before under the loaded epoch: its first result. */
  abstract take(eventId: string, operation: GateOperation): Promise<TakeResult>

  /** Takes operations of one event, each on its own; results in the same order. */
  abstract takeMany(eventId: string, operations: readonly GateOperation[]): Promise<TakeResult[]>

  /** The ledger has recorded these operations: they are no longer pending. */
  abstract acknowledge(eventId: string, operationIds: readonly string[]): Promise<void>

  /** Reverses the movements of one operation. False: not reversed, because the recorded result or the epoch has changed. */
  abstract void(eventId: string, operationId: string, taken: { epoch: number; seq: number }): Promise<boolean>

  /** Loads the ledger's balances under a new epoch. False: the same or a newer epoch is already loaded. */
  abstract install(eventId: string, epoch: number, balances: Balances): Promise<boolean>

  /** Operations that the ledger has not confirmed for `olderThanMs`, oldest first. */
  abstract pending(eventId: string, olderThanMs: number, limit: number): Promise<PendingOperation[]>

  /** Null: the event is not loaded, or what is loaded may have lost operations (another run of the server). */
  abstract read(eventId: string): Promise<GateState | null>

  /** The loaded epoch, usable or not: only a newer one can be installed. 0: none. */
  abstract installedEpoch(eventId: string): Promise<number>
}

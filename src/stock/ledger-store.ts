import type { Balances, LedgerAccount } from '../domain/stock/ledger-account.js'
import type { Channel } from '../domain/channel-record.js'
import type { Movement } from '../domain/stock/posting.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import type { ChainEnd, ProofLine } from './proof/proof-chain.js'

/** An operation and its position in the history of a gate. */
export interface GatePosition {
  operationId: string
  epoch: number
  seq: number
}

export interface RecordedOperation extends GatePosition {
  eventId: string
  outcome: 'COMMITTED' | 'VOIDED'
}

export interface NewOperation extends GatePosition {
  reason: string
  /** The user who requested it; null: the service itself. */
  actor: string | null
  /** The id of the actor who is an operator: the proof names operators by nothing else. */
  operatorId?: string
  movements: readonly Movement[]
}

/** What one transaction records of an event at once. */
export interface NewRecords {
  eventId: string
  /** Of all the operations. */
  epoch: number
  operations: readonly NewOperation[]
  /** The accounts that they change, with their units afterwards. */
  balances: readonly { account: LedgerAccount; units: number }[]
  /** When the last unit was sold; null: not by these operations. */
  soldOutAt: Date | null
}

export interface LedgerState {
  /** Generation of the gate: operations of another one are refused. */
  epoch: number
  balances: Balances
}

export interface LockedLedgerState extends LedgerState {
  /** The end of the event's proof. */
  proof: ChainEnd
  /** When the event was locked, by the clock of the database: later locks are not earlier, whichever process takes them. */
  lockedAt: Date
}

/** Which movements of an event; undefined: any. */
export interface MovementFilter {
  from?: LedgerAccount
  to?: LedgerAccount
  /** Only tickets sold by channels on platforms. */
  toPlatformSales?: true
  /** The reason of their operation. */
  reason?: string
}

export interface RecordedMovement extends Movement {
  operationId: string
  recordedAt: Date
}

export class EventUnknown extends Error {
  override readonly name = 'EventUnknown'
}

/** Rows of ledgers, operations, movements and balances. Methods with a transaction require the event to be locked by it. */
export abstract class LedgerStore {
  /** Runs `work` in one transaction with the event's ledger locked; commits unless it throws. Throws EventUnknown. */
  abstract locked<T>(
    eventId: string,
    work: (transaction: DatabaseTransaction, ledger: LockedLedgerState) => Promise<T>,
  ): Promise<T>

  /**
   * Runs `work` in one transaction, with the ledgers of those of the events locked that exist and that no other
   * transaction has locked: it waits for none of them, and hardly for anything else that is locked. Commits unless it throws.
   */
  abstract lockedTogether<T>(
    eventIds: readonly string[],
    work: (transaction: DatabaseTransaction, ledgers: ReadonlyMap<string, LockedLedgerState>) => Promise<T>,
  ): Promise<T>

  /** Locks the event's ledger in a transaction that is open already. Throws EventUnknown. */
  abstract lock(transaction: DatabaseTransaction, eventId: string): Promise<LockedLedgerState>

  /** Creates an empty ledger with epoch 1 and locks it. */
  abstract create(transaction: DatabaseTransaction, eventId: string): Promise<LockedLedgerState>

  /** Without locking. Throws EventUnknown. */
  abstract read(eventId: string): Promise<LedgerState>

  /** Recorded operations with the ids of these operations, or at their positions in the history of `epoch`. */
  abstract findOperations(
    transaction: DatabaseTransaction,
    eventId: string,
    epoch: number,
    operations: readonly GatePosition[],
  ): Promise<RecordedOperation[]>

  /** Movements of the recorded operations with these ids, in their order; 'VOIDED' for voided ones. */
  abstract movementsOf(
    transaction: DatabaseTransaction,
    operationIds: readonly string[],
  ): Promise<Map<string, Movement[] | 'VOIDED'>>

  /** The committed ones of these operations. */
  abstract committed(operationIds: readonly string[]): Promise<Set<string>>

  /**
   * Appends committed operations of these events, each named once, and writes the balances after them, unless one of the
   * operations, or its position, is recorded already: then it writes nothing at all and returns those.
   */
  async record(transaction: DatabaseTransaction, records: readonly NewRecords[]): Promise<RecordedOperation[]> {
    const known: RecordedOperation[] = []
    for (const { eventId, epoch, operations } of records)
      known.push(...(await this.findOperations(transaction, eventId, epoch, operations)))
    if (known.length > 0) return known
    for (const { eventId, operations, balances, soldOutAt } of records) {
      await this.append(transaction, eventId, operations)
      await this.writeBalances(transaction, eventId, balances)
      if (soldOutAt !== null) await this.markSoldOut(transaction, eventId, soldOutAt)
    }
    return []
  }

  /** Appends committed operations with their movements. Balances are written separately. */
  abstract append(transaction: DatabaseTransaction, eventId: string, operations: readonly NewOperation[]): Promise<void>

  /** Appends voided operations: a later commit under the same ids or positions is refused. */
  abstract appendVoided(
    transaction: DatabaseTransaction,
    eventId: string,
    operations: readonly GatePosition[],
  ): Promise<void>

  /** Upserts these accounts in one statement; afterwards all accounts of the event must sum to zero. */
  abstract writeBalances(
    transaction: DatabaseTransaction,
    eventId: string,
    accounts: readonly { account: LedgerAccount; units: number }[],
  ): Promise<void>

  /** Records that the event is sold out, unless it is recorded already. */
  abstract markSoldOut(transaction: DatabaseTransaction, eventId: string, at: Date): Promise<void>

  abstract writeEpoch(transaction: DatabaseTransaction, eventId: string, epoch: number): Promise<void>

  /**
   * Includes up to `max` more movements in the stored sum of the event's oldest movements, if at least `min` are left.
   * Returns how many; 0: fewer were left. In a transaction of its own, without the event's lock.
   */
  abstract advanceCheckpoint(eventId: string, limits: { min: number; max: number }): Promise<number>

  /** Balances as the sum of all movements of the event (I14): the stored sum and the movements after it. */
  abstract sumOfMovements(transaction: DatabaseTransaction, eventId: string): Promise<Balances>

  /** Sum of the units of these movements. */
  abstract unitsMoved(transaction: DatabaseTransaction, eventId: string, filter: MovementFilter): Promise<number>

  /** Committed movements into and out of OVERSOLD, oldest first. */
  abstract oversoldMovements(eventId: string): Promise<RecordedMovement[]>

  /** The event's channels by ascending id, as the proof of the event starts with them. */
  abstract channels(transaction: DatabaseTransaction, eventId: string): Promise<Channel[]>

  /** Appends these lines to the proofs of the events and moves the end of each to its last one, in one statement. */
  abstract appendProofs(
    transaction: DatabaseTransaction,
    proofs: readonly { eventId: string; lines: readonly ProofLine[] }[],
  ): Promise<void>

  /** Up to `limit` committed lines of the proof after `position`, in their order. */
  abstract proofAfter(eventId: string, position: number, limit: number): Promise<ProofLine[]>

  /** The last committed line of the proof; null: it has none. */
  abstract lastProofLine(eventId: string): Promise<ProofLine | null>
}

import {
  accountsOf,
  capacityOf,
  findInvariantViolation,
  isSoldOut,
  unitsOf,
  type Balances,
  type LedgerAccount,
} from '../domain/stock/ledger-account.js'
import type { ProofFact } from '../domain/proof/proof-fact.js'
import { stockFact } from '../domain/proof/stock-fact.js'
import { replay, type Movement } from '../domain/stock/posting.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import type {
  GatePosition,
  LedgerState,
  LedgerStore,
  LockedLedgerState,
  MovementFilter,
  NewOperation,
  NewRecords,
  RecordedOperation,
} from './ledger-store.js'
import { ProofChain, type ProofLine } from './proof/proof-chain.js'
import { startedFact } from './proof/started-fact.js'

export { EventUnknown, type GatePosition } from './ledger-store.js'

/** One operation accepted by the gate, ready to be recorded. */
export type LedgerEntry = NewOperation

/**
 * - `COMMITTED`: recorded now. `DUPLICATE`: recorded before. `VOIDED`: voided before it could be recorded.
 * - `STALE`: accepted by a gate of another epoch. `LOST_WRITES`: its position in the gate's history is already used, so
 *   the gate has lost writes. `REFUSED`: the balances do not allow it (the gate had more units than the ledger).
 */
export type CommitResult = 'COMMITTED' | 'DUPLICATE' | 'VOIDED' | 'STALE' | 'LOST_WRITES' | 'REFUSED'

/** An event, locked for one database transaction. */
export interface LockedEvent {
  readonly eventId: string
  /** For repositories whose rows are to be read and written in this transaction. */
  readonly transaction: DatabaseTransaction
  /** Current balances, including what this transaction has recorded. */
  readonly balances: Balances
  /** Units of all movements so far that match, including those that this transaction has recorded. */
  unitsMoved(filter: MovementFilter): Promise<number>
  /** Adds a line to the event's proof. Movements add their own. */
  prove(fact: ProofFact): void
}

/** The ledger of a locked event. */
export interface LedgerTransaction extends LockedEvent {
  readonly epoch: number
  /** Recorded movements by operation id, or 'VOIDED' for a voided operation. */
  find(operationIds: readonly string[]): Promise<Map<string, Movement[] | 'VOIDED'>>
  /** Results in the order of the entries. */
  record(entries: readonly LedgerEntry[]): Promise<CommitResult[]>
  /** Balances as the sum of all movements (I14). */
  sumOfMovements(): Promise<Balances>
  /** Starts a new epoch with these balances: nothing that was accepted under an older one can be committed any more. */
  restart(epoch: number, balances: Balances): Promise<void>
}

/** The ledgers of several events, locked for one database transaction. */
export interface LedgerGroup {
  readonly transaction: DatabaseTransaction
  readonly ledgers: ReadonlyMap<string, LedgerTransaction>
  /** As of one event. */
  find(operationIds: readonly string[]): Promise<Map<string, Movement[] | 'VOIDED'>>
  /**
   * Records the entries of these events together. Of an event that the ledger does not commit entirely, nothing is
   * recorded: it is missing in the result. An event is named at most once in a transaction.
   */
  record(entries: ReadonlyMap<string, readonly LedgerEntry[]>): Promise<ReadonlySet<string>>
}

/** Movements added to the stored sum in one transaction: a fraction of a second. */
const CHECKPOINT_CHUNK = 50_000

/** The PostgreSQL side of the stock: movements and balances, which change only together. */
export class Ledger {
  constructor(private readonly store: LedgerStore) {}

  /** Runs `work` in one transaction with the event's ledger locked. Throws EventUnknown. */
  async exclusive<T>(eventId: string, work: (ledger: LedgerTransaction) => Promise<T>): Promise<T> {
    return this.store.locked(eventId, (transaction, state) => this.run(transaction, eventId, state, work))
  }

  /** As `exclusive`, for those of these events that can be locked without waiting, in one transaction. */
  async exclusiveTogether<T>(eventIds: readonly string[], work: (group: LedgerGroup) => Promise<T>): Promise<T> {
    return this.store.lockedTogether(eventIds, async (transaction, states) => {
      const group = new LockedGroup(this.store, transaction, states)
      const result = await work(group)
      await this.store.appendProofs(transaction, group.proofs())
      return result
    })
  }

  /** As `exclusive`, in the caller's transaction. */
  async join<T>(
    transaction: DatabaseTransaction,
    eventId: string,
    work: (ledger: LedgerTransaction) => Promise<T>,
  ): Promise<T> {
    return this.run(transaction, eventId, await this.store.lock(transaction, eventId), work)
  }

  /** Creates the event's ledger with epoch 1 and its first movements, in the caller's transaction. */
  async open(
    transaction: DatabaseTransaction,
    eventId: string,
    entry: Omit<LedgerEntry, 'epoch' | 'seq'>,
  ): Promise<Balances> {
    const state = await this.store.create(transaction, eventId)
    return this.run(transaction, eventId, state, async (ledger) => {
      const [result] = await ledger.record([{ ...entry, epoch: 1, seq: 0 }])
      if (result !== 'COMMITTED') throw new Error(`failed to open the ledger of ${eventId}: ${result}`)
      return ledger.balances
    })
  }

  /** Voids an operation permanently: it can never be committed afterwards. False: it was already committed. */
  async void(eventId: string, operation: GatePosition): Promise<boolean> {
    return (await this.voidAll(eventId, [operation])).length === 1
  }

  /** Voids several operations in one transaction; returns those that can no longer be committed. */
  async voidAll<T extends GatePosition>(eventId: string, operations: readonly T[]): Promise<T[]> {
    return this.exclusive(eventId, async ({ transaction, epoch }) => {
      const known = await this.store.findOperations(transaction, eventId, epoch, operations)
      const outcomes = new Map(known.map(({ operationId, outcome }) => [operationId, outcome]))
      const usedSeqs = new Set(seqsIn(known, eventId, epoch))
      // Another epoch: its commit would be rejected as stale, and its position has no meaning any more.
      // Position used by another operation: its commit would be rejected as a lost write.
      const unknown = operations.filter(
        (o) => !outcomes.has(o.operationId) && o.epoch === epoch && !usedSeqs.has(o.seq),
      )
      await this.store.appendVoided(transaction, eventId, unknown)
      return operations.filter(({ operationId }) => outcomes.get(operationId) !== 'COMMITTED')
    })
  }

  /** Includes movements in the stored sum until fewer than `min` are left, in small transactions without the lock. */
  async advanceCheckpoint(eventId: string, min: number): Promise<void> {
    while ((await this.store.advanceCheckpoint(eventId, { min, max: CHECKPOINT_CHUNK })) === CHECKPOINT_CHUNK) continue
  }

  /** The committed ones of these operations. */
  committed(operationIds: readonly string[]): Promise<Set<string>> {
    return this.store.committed(operationIds)
  }

  /** Without locking. Throws EventUnknown. */
  read(eventId: string): Promise<LedgerState> {
    return this.store.read(eventId)
  }

  /** Lines of the proof are appended in one statement after the work, so that they commit or roll back with it. */
  private async run<T>(
    transaction: DatabaseTransaction,
    eventId: string,
    state: LockedLedgerState,
    work: (ledger: LedgerTransaction) => Promise<T>,
  ): Promise<T> {
    const ledger = new LockedLedger(this.store, transaction, eventId, state)
    const { proof } = ledger
    if (proof.isEmpty) proof.add(startedFact(eventId, state.balances, await this.store.channels(transaction, eventId)))
    const result = await work(ledger)
    if (proof.added.length > 0) await this.store.appendProofs(transaction, [{ eventId, lines: proof.added }])
    return result
  }
}

interface Decision {
  /** In the order of the entries. */
  results: CommitResult[]
  /** The entries to be committed. */
  accepted: LedgerEntry[]
  /** After them. */
  balances: Balances
  /** After one of them no unit was left for general sale. */
  soldOut: boolean
}

class LockedLedger implements LedgerTransaction {
  epoch: number
  balances: Balances
  readonly proof: ProofChain
  private readonly lockedAt: Date

  constructor(
    private readonly store: LedgerStore,
    readonly transaction: DatabaseTransaction,
    readonly eventId: string,
    { epoch, balances, proof, lockedAt }: LockedLedgerState,
  ) {
    this.epoch = epoch
    this.balances = balances
    this.proof = new ProofChain(proof, lockedAt)
    this.lockedAt = lockedAt
  }

  prove(fact: ProofFact): void {
    this.proof.add(fact)
  }

  async find(operationIds: readonly string[]): Promise<Map<string, Movement[] | 'VOIDED'>> {
    return operationIds.length === 0 ? new Map() : this.store.movementsOf(this.transaction, operationIds)
  }

  async record(entries: readonly LedgerEntry[]): Promise<CommitResult[]> {
    const { store, transaction, eventId, epoch } = this
    let decision = this.decide(entries, [])
    const isAllNew = decision.accepted.length === entries.length
    // Nearly always none of them is known: then they are checked and written in one step.
    const known = isAllNew
      ? await this.write(decision)
      : await store.findOperations(transaction, eventId, epoch, entries)
    if (known.length > 0 || !isAllNew) {
      decision = this.decide(entries, known)
      await this.write(decision)
    }
    this.accept(decision)
    return decision.results
  }

  /** Follows what has been written. */
  accept({ balances, accepted }: Decision): void {
    this.balances = balances
    for (const entry of accepted) this.prove(stockFact(entry))
  }

  /** The result of each entry, given those that are recorded under the same ids or positions. */
  decide(entries: readonly LedgerEntry[], known: readonly RecordedOperation[]): Decision {
    const { eventId, epoch } = this
    const byId = new Map(known.map((operation) => [operation.operationId, operation]))
    const usedSeqs = new Set(seqsIn(known, eventId, epoch))
    const accepted = new Map<string, LedgerEntry>()
    let { balances } = this
    // Between operations too: what one of them frees after that belongs to the waitlist.
    let soldOut = false
    const results = entries.map((entry): CommitResult => {
      const recorded = byId.get(entry.operationId)
      if (recorded) return recorded.outcome === 'VOIDED' ? 'VOIDED' : 'DUPLICATE'
      if (accepted.has(entry.operationId)) return 'DUPLICATE'
      if (entry.epoch !== epoch) return 'STALE'
      if (usedSeqs.has(entry.seq)) return 'LOST_WRITES'
      const after = replay(balances, entry.movements)
      if (findInvariantViolation(after)) return 'REFUSED'
      balances = after
      soldOut ||= isSoldOut(after)
      usedSeqs.add(entry.seq)
      accepted.set(entry.operationId, entry)
      return 'COMMITTED'
    })
    return { results, accepted: [...accepted.values()], balances, soldOut }
  }

  /** Returns those of the accepted operations that are recorded already; then nothing was written. */
  private async write(decision: Decision): Promise<RecordedOperation[]> {
    if (decision.accepted.length === 0) return []
    return this.store.record(this.transaction, [this.recordsOf(decision)])
  }

  recordsOf({ accepted, balances, soldOut }: Decision): NewRecords {
    const { eventId, epoch, balances: before } = this
    const wasSoldOut = isSoldOut(before) && capacityOf(before) > 0
    return {
      eventId,
      epoch,
      operations: accepted,
      balances: changedAccounts(before, balances),
      soldOutAt: soldOut && !wasSoldOut ? this.lockedAt : null,
    }
  }

  async sumOfMovements(): Promise<Balances> {
    return this.store.sumOfMovements(this.transaction, this.eventId)
  }

  async unitsMoved(filter: MovementFilter): Promise<number> {
    return this.store.unitsMoved(this.transaction, this.eventId, filter)
  }

  async restart(epoch: number, balances: Balances): Promise<void> {
    const { store, transaction, eventId, balances: before } = this
    await store.writeEpoch(transaction, eventId, epoch)
    await store.writeBalances(transaction, eventId, changedAccounts(before, balances))
    this.epoch = epoch
    this.balances = balances
  }
}

class LockedGroup implements LedgerGroup {
  readonly ledgers: ReadonlyMap<string, LockedLedger>

  constructor(
    private readonly store: LedgerStore,
    readonly transaction: DatabaseTransaction,
    states: ReadonlyMap<string, LockedLedgerState>,
  ) {
    const ledgers = [...states].map(
      ([eventId, state]) => [eventId, new LockedLedger(store, transaction, eventId, state)] as const,
    )
    // Its first line needs more than the ledger, once.
    this.ledgers = new Map(ledgers.filter(([, { proof }]) => !proof.isEmpty))
  }

  async find(operationIds: readonly string[]): Promise<Map<string, Movement[] | 'VOIDED'>> {
    return operationIds.length === 0 ? new Map() : this.store.movementsOf(this.transaction, operationIds)
  }

  async record(entries: ReadonlyMap<string, readonly LedgerEntry[]>): Promise<ReadonlySet<string>> {
    let accepted = [...entries].flatMap(([eventId, own]) => {
      const ledger = this.ledgers.get(eventId)
      const decision = ledger?.decide(own, [])
      return ledger && decision?.accepted.length === own.length ? [{ ledger, decision }] : []
    })
    for (;;) {
      const records = accepted.filter(({ decision }) => decision.accepted.length > 0)
      if (records.length === 0) break
      const known = await this.store.record(
        this.transaction,
        records.map(({ ledger, decision }) => ledger.recordsOf(decision)),
      )
      if (known.length === 0) break
      accepted = accepted.filter(
        ({ ledger, decision }) => ledger.decide(decision.accepted, known).accepted.length === decision.accepted.length,
      )
    }
    for (const { ledger, decision } of accepted) ledger.accept(decision)
    return new Set(accepted.map(({ ledger }) => ledger.eventId))
  }

  /** The lines that are to be added to the proofs. */
  proofs(): { eventId: string; lines: readonly ProofLine[] }[] {
    return [...this.ledgers.values()].map(({ eventId, proof }) => ({ eventId, lines: proof.added }))
  }
}

/** An account that has no entry any more is empty. */
function changedAccounts(before: Balances, after: Balances): { account: LedgerAccount; units: number }[] {
  const accounts = new Set([...accountsOf(before), ...accountsOf(after)])
  return [...accounts]
    .map((account) => ({ account, units: unitsOf(after, account) }))
    .filter(({ account, units }) => units !== unitsOf(before, account))
}

function seqsIn(known: readonly RecordedOperation[], eventId: string, epoch: number): number[] {
  return known.filter((o) => o.eventId === eventId && o.epoch === epoch).map(({ seq }) => seq)
}

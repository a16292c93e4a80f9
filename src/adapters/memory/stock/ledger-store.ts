import { DIRECT } from '../../../domain/channel.js'
import {
  emptyBalances,
  sellerOf,
  unitsOf,
  type Balances,
  type LedgerAccount,
} from '../../../domain/stock/ledger-account.js'
import type { Channel } from '../../../domain/channel-record.js'
import type { Movement } from '../../../domain/stock/posting.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  EventUnknown,
  LedgerStore,
  type GatePosition,
  type LedgerState,
  type LockedLedgerState,
  type MovementFilter,
  type NewOperation,
  type RecordedMovement,
  type RecordedOperation,
} from '../../../stock/ledger-store.js'
import { EMPTY_CHAIN, type ProofLine } from '../../../stock/proof/proof-chain.js'
import { checkViolation } from '../check-violation.js'
import { positionKey, proofKey, type MemoryDatabase } from '../memory-database.js'
import type { Scope } from '../memory-table.js'
import { memoryTransaction } from '../memory-transaction.js'
import type { LedgerRow, MovementRow } from '../rows.js'
import { byId } from '../sorting.js'

export class MemoryLedgerStore extends LedgerStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async locked<T>(
    eventId: string,
    work: (transaction: DatabaseTransaction, ledger: LockedLedgerState) => Promise<T>,
  ): Promise<T> {
    return this.database.transaction(async (transaction) => work(transaction, await this.lock(transaction, eventId)))
  }

  async lockedTogether<T>(
    eventIds: readonly string[],
    work: (transaction: DatabaseTransaction, ledgers: ReadonlyMap<string, LockedLedgerState>) => Promise<T>,
  ): Promise<T> {
    const { ledgers } = this.database
    return this.database.transaction(async (transaction) => {
      const free = eventIds.filter((eventId) => {
        return ledgers.get(null, eventId) !== undefined && transaction.tryLock(ledgers.lockOf(eventId))
      })
      return work(transaction, new Map(free.map((eventId) => [eventId, this.lockedState(transaction, eventId)])))
    })
  }

  async lock(transaction: DatabaseTransaction, eventId: string): Promise<LockedLedgerState> {
    this.database.assertAvailable()
    await memoryTransaction(transaction)?.lock(this.database.ledgers.lockOf(eventId))
    return this.lockedState(transaction, eventId)
  }

  async create(transaction: DatabaseTransaction, eventId: string): Promise<LockedLedgerState> {
    this.database.assertAvailable()
    await this.database.ledgers.insert(transaction, { eventId, epoch: 1, soldOutSince: null })
    return this.lockedState(transaction, eventId)
  }

  async read(eventId: string): Promise<LedgerState> {
    this.database.assertAvailable()
    return this.state(null, eventId)
  }

  async findOperations(
    transaction: DatabaseTransaction,
    eventId: string,
    epoch: number,
    operations: readonly GatePosition[],
  ): Promise<RecordedOperation[]> {
    this.database.assertAvailable()
    const found = operations.flatMap(({ operationId, seq }) => [
      this.database.operations.get(transaction, operationId),
      this.database.operations.getUnique(transaction, positionKey({ eventId, epoch, seq })),
    ])
    return [...new Set(found)].filter((row) => row !== undefined)
  }

  async movementsOf(
    transaction: DatabaseTransaction,
    operationIds: readonly string[],
  ): Promise<Map<string, Movement[] | 'VOIDED'>> {
    this.database.assertAvailable()
    const found = operationIds.flatMap((id) => this.database.operations.get(transaction, id) ?? [])
    return new Map(
      found.map(({ operationId, outcome }) => [
        operationId,
        outcome === 'VOIDED' ? 'VOIDED' : this.movements(transaction, operationId),
      ]),
    )
  }

  async committed(operationIds: readonly string[]): Promise<Set<string>> {
    this.database.assertAvailable()
    return new Set(operationIds.filter((id) => this.database.operations.get(null, id)?.outcome === 'COMMITTED'))
  }

  async append(transaction: DatabaseTransaction, eventId: string, operations: readonly NewOperation[]): Promise<void> {
    this.database.assertAvailable()
    const recordedAt = this.database.clock.now()
    for (const { movements, operatorId: _, ...operation } of operations) {
      await this.database.operations.insert(transaction, { ...operation, eventId, outcome: 'COMMITTED', recordedAt })
      for (const [part, movement] of movements.entries()) {
        const { operationId } = operation
        await this.database.movements.insert(transaction, { operationId, part, eventId, ...movement })
      }
    }
  }

  async appendVoided(
    transaction: DatabaseTransaction,
    eventId: string,
    operations: readonly GatePosition[],
  ): Promise<void> {
    this.database.assertAvailable()
    const recordedAt = this.database.clock.now()
    for (const { operationId, epoch, seq } of operations) {
      const voided = { outcome: 'VOIDED', reason: 'given back', actor: null } as const
      await this.database.operations.insert(transaction, { operationId, epoch, seq, eventId, ...voided, recordedAt })
    }
  }

  /** Checks what the constraints of the table check. */
  async writeBalances(
    transaction: DatabaseTransaction,
    eventId: string,
    accounts: readonly { account: LedgerAccount; units: number }[],
  ): Promise<void> {
    this.database.assertAvailable()
    for (const { account, units } of accounts) {
      const contra = account === 'CAPACITY' || account === 'OVERSOLD'
      if (contra ? units > 0 : units < 0) throw checkViolation(`${account} of ${eventId} would be ${units}`)
      await this.database.balances.upsert(transaction, { eventId, account, units })
    }
    const rows = this.database.balances.whereKey(transaction, 'eventId', eventId)
    const total = rows.reduce((sum, { units }) => sum + units, 0)
    if (total !== 0) throw checkViolation(`the accounts of ${eventId} would sum to ${total}`)
  }

  async markSoldOut(transaction: DatabaseTransaction, eventId: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    const isUnmarked = ({ soldOutSince = null }: LedgerRow) => soldOutSince === null
    await this.database.ledgers.update(transaction, eventId, { soldOutSince: at }, isUnmarked)
  }

  async writeEpoch(transaction: DatabaseTransaction, eventId: string, epoch: number): Promise<void> {
    this.database.assertAvailable()
    if (!(await this.database.ledgers.update(transaction, eventId, { epoch }))) throw new EventUnknown(eventId)
  }

  /** Stores how many movements the sum includes, not the sum: in memory it is cheap. */
  async advanceCheckpoint(eventId: string, { min, max }: { min: number; max: number }): Promise<number> {
    this.database.assertAvailable()
    const { movements, ledgerCheckpoints } = this.database
    const included = Number(ledgerCheckpoints.get(null, eventId)?.movementId ?? 0)
    const left = movements.whereKey(null, 'eventId', eventId).length - included
    if (left < Math.max(1, min)) return 0
    const added = Math.min(left, max)
    await ledgerCheckpoints.upsert(null, { eventId, movementId: BigInt(included + added) })
    return added
  }

  async sumOfMovements(transaction: DatabaseTransaction, eventId: string): Promise<Balances> {
    this.database.assertAvailable()
    const balances = emptyBalances()
    for (const { from, to, quantity } of this.database.movements.whereKey(transaction, 'eventId', eventId)) {
      balances[from] = unitsOf(balances, from) - quantity
      balances[to] = unitsOf(balances, to) + quantity
    }
    return balances
  }

  async unitsMoved(transaction: DatabaseTransaction, eventId: string, filter: MovementFilter): Promise<number> {
    this.database.assertAvailable()
    return this.database.movements
      .whereKey(transaction, 'eventId', eventId, (row) => this.matches(transaction, row, filter))
      .reduce((sum, { quantity }) => sum + quantity, 0)
  }

  async oversoldMovements(eventId: string): Promise<RecordedMovement[]> {
    this.database.assertAvailable()
    const { movements } = this.database
    const rows = movements.whereKey(
      null,
      'eventId',
      eventId,
      ({ from, to }) => from === 'OVERSOLD' || to === 'OVERSOLD',
    )
    return rows.flatMap(({ from, to, quantity, operationId }) => {
      const operation = this.database.operations.get(null, operationId)
      return operation ? [{ from, to, quantity, operationId, recordedAt: operation.recordedAt }] : []
    })
  }

  async channels(transaction: DatabaseTransaction, eventId: string): Promise<Channel[]> {
    this.database.assertAvailable()
    return this.database.channels.whereKey(transaction, 'eventId', eventId).toSorted(byId)
  }

  async appendProofs(
    transaction: DatabaseTransaction,
    proofs: readonly { eventId: string; lines: readonly ProofLine[] }[],
  ): Promise<void> {
    this.database.assertAvailable()
    for (const { eventId, lines } of proofs) {
      for (const line of lines) await this.database.proofEntries.insert(transaction, { eventId, ...line })
      const end = lines.at(-1)
      if (!end) continue
      await this.database.ledgers.update(transaction, eventId, { proofPosition: end.position, proofHash: end.hash })
    }
  }

  async proofAfter(eventId: string, position: number, limit: number): Promise<ProofLine[]> {
    this.database.assertAvailable()
    const positions = Array.from({ length: limit }, (_, index) => position + 1 + index)
    return positions.flatMap((at) => this.proofLine(eventId, at) ?? [])
  }

  async lastProofLine(eventId: string): Promise<ProofLine | null> {
    this.database.assertAvailable()
    return this.proofLine(eventId, this.database.ledgers.get(null, eventId)?.proofPosition ?? 0)
  }

  private proofLine(eventId: string, position: number): ProofLine | null {
    const row = this.database.proofEntries.get(null, proofKey(eventId, position))
    if (!row) return null
    const { eventId: _, ...line } = row
    return line
  }

  private matches(scope: Scope, row: MovementRow, { from, to, toPlatformSales, reason }: MovementFilter): boolean {
    const seller = sellerOf(row.to)
    return (
      (from === undefined || row.from === from) &&
      (to === undefined || row.to === to) &&
      (!toPlatformSales || (seller !== null && seller !== DIRECT.id)) &&
      (reason === undefined || this.database.operations.get(scope, row.operationId)?.reason === reason)
    )
  }

  private state(scope: Scope, eventId: string): LedgerState {
    const ledger = this.database.ledgers.get(scope, eventId)
    if (!ledger) throw new EventUnknown(eventId)
    return { epoch: ledger.epoch, balances: balancesIn(this.database, scope, eventId) }
  }

  private lockedState(scope: Scope, eventId: string): LockedLedgerState {
    const state = this.state(scope, eventId)
    const { proofPosition: position = 0, proofHash: hash = null } = this.database.ledgers.get(scope, eventId) ?? {}
    const proof = hash === null ? EMPTY_CHAIN : { position, hash }
    return { ...state, proof, lockedAt: this.database.clock.now() }
  }

  private movements(scope: Scope, operationId: string): Movement[] {
    return this.database.movements
      .whereKey(scope, 'operationId', operationId)
      .toSorted((a, b) => a.part - b.part)
      .map(({ from, to, quantity }) => ({ from, to, quantity }))
  }
}

export function balancesIn(database: MemoryDatabase, scope: Scope, eventId: string): Balances {
  const balances = emptyBalances()
  for (const row of database.balances.whereKey(scope, 'eventId', eventId)) {
    balances[row.account as LedgerAccount] = row.units
  }
  return balances
}

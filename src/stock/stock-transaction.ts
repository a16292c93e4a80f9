import type { ProofFact } from '../domain/proof/proof-fact.js'
import type { Balances } from '../domain/stock/ledger-account.js'
import { applyPostings, oversoldUnits, replay, type Movement, type Posting } from '../domain/stock/posting.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import { newId } from '../infrastructure/ids.js'
import type { GateOperation, StockGate, TakeResult, Taken } from './gate/gate.js'
import type { LedgerEntry, LedgerTransaction, LockedEvent, GatePosition } from './ledger.js'
import type { MovementFilter } from './ledger-store.js'
import type { RebuildCause } from './gate/rebuild.js'

/** A stock operation: all of its postings are applied, or none. */
export interface PostRequest {
  /**
   * Idempotency key: posting the same id again moves nothing and returns the original movements. An operation that a
   * crash left unfinished and that was voided is posted as a new one. Omitted: a new operation.
   */
  id?: string
  /** Empty: nothing moves, and nothing is recorded. */
  postings: readonly Posting[]
  reason: string
  /** The user who requested it; null: the service itself. */
  actor: string | null
  /** The id of the actor who is an operator. */
  operatorId?: string
  /**
   * What to do if the gate has insufficient units. `rebuild`: the locked balances are sufficient, so the gate is wrong and
   * is rebuilt. `skip`: operations on their way to the ledger may have used them; nothing is posted.
   */
  onInsufficient: 'rebuild' | 'skip'
}

/** An event, locked for one database transaction in which stock is moved. */
export interface StockTransaction extends LockedEvent {
  /** Null: skipped. */
  post(request: PostRequest): Promise<Movement[] | null>
  /** Posts in one round trip to the gate; results in the order of the requests, null for a skipped one. */
  postAll(requests: readonly PostRequest[]): Promise<(Movement[] | null)[]>
}

/** The gate must be rebuilt before anything else is posted. `badEpoch`: the wrong epoch; null: not loaded. */
export class GateOutOfSync extends Error {
  constructor(
    readonly badEpoch: number | null,
    readonly repairCause: RebuildCause,
  ) {
    super(repairCause)
  }
}

export interface Operation {
  operationId: string
  request: PostRequest
}

/** The gate decides each request, the ledger records it; both under one lock and in one database transaction. */
export class OpenStockTransaction implements StockTransaction {
  /** Operations that the gate has applied and the ledger has not yet acknowledged. */
  readonly taken: GatePosition[] = []

  constructor(
    readonly eventId: string,
    private readonly ledger: LedgerTransaction,
    private readonly gate: StockGate,
  ) {}

  get transaction(): LockedEvent['transaction'] {
    return this.ledger.transaction
  }

  get balances(): Balances {
    return this.ledger.balances
  }

  unitsMoved(filter: MovementFilter): Promise<number> {
    return this.ledger.unitsMoved(filter)
  }

  prove(fact: ProofFact): void {
    this.ledger.prove(fact)
  }

  async post(request: PostRequest): Promise<Movement[] | null> {
    const [movements = null] = await this.postAll([request])
    return movements
  }

  async postAll(requests: readonly PostRequest[]): Promise<(Movement[] | null)[]> {
    const moving = requests.filter(({ postings }) => postings.length > 0)
    const posted = await this.ledger.find(moving.flatMap(({ id }) => (id === undefined ? [] : [id])))
    const results = new Map<string | PostRequest, Movement[] | null>()
    const operations: Operation[] = []
    for (const request of moving) {
      const key = keyOf(request)
      if (results.has(key)) continue
      const before = request.id === undefined ? undefined : posted.get(request.id)
      results.set(key, Array.isArray(before) ? before : null)
      if (!Array.isArray(before)) operations.push({ operationId: this.operationId(request, before), request })
    }
    const movements = operations.length > 0 ? await this.decideAndRecord(operations) : []
    operations.forEach(({ request }, index) => results.set(keyOf(request), movements[index] ?? null))
    return requests.map((request) => (request.postings.length > 0 ? (results.get(keyOf(request)) ?? null) : []))
  }

  /** A voided operation stays voided: another attempt needs its own id. */
  private operationId({ id }: PostRequest, before: 'VOIDED' | undefined): string {
    if (id === undefined) return `${this.eventId}:${newId('op')}`
    return before === 'VOIDED' ? `${id}:${newId('retry')}` : id
  }

  private async decideAndRecord(operations: readonly Operation[]): Promise<(Movement[] | null)[]> {
    const results = await this.gate.takeMany(this.eventId, gateOperationsOf(operations))
    this.taken.push(...positionsOf(operations, results))
    const taken = checkResults(this.ledger, operations, results)
    await debugPoint('after-gate-before-ledger')
    await this.record(operations, taken)
    return taken.map((result) => result?.movements ?? null)
  }

  private async record(operations: readonly Operation[], taken: readonly (Taken | null)[]): Promise<void> {
    const entries = entriesOf(operations, taken)
    if (entries.length === 0) return
    const results = await this.ledger.record(entries)
    if (results.includes('LOST_WRITES')) throw new GateOutOfSync(this.ledger.epoch, 'lost_writes')
    const failed = results.find((result) => result !== 'COMMITTED')
    if (failed) throw new GateOutOfSync(this.ledger.epoch, failed === 'REFUSED' ? 'refused' : 'stale')
  }
}

/** Requests with the same id are one operation. */
function keyOf(request: PostRequest): string | PostRequest {
  return request.id ?? request
}

export function gateOperationsOf(operations: readonly Operation[]): GateOperation[] {
  return operations.map(({ operationId, request: { postings } }) => ({ operationId, postings }))
}

/** What the ledger is to record, by the gate's results: null for a skipped request. @throws GateOutOfSync */
export function checkResults(
  ledger: Pick<LedgerTransaction, 'epoch' | 'balances'>,
  operations: readonly Operation[],
  results: readonly TakeResult[],
): (Taken | null)[] {
  const { epoch } = ledger
  let { balances } = ledger
  return operations.map(({ request: { postings, onInsufficient } }, index) => {
    const result = results[index]
    if (!result || result.kind === 'NOT_LOADED') throw new GateOutOfSync(null, 'not_loaded')
    if (result.kind === 'INSUFFICIENT') {
      if (onInsufficient === 'skip') return null
      throw new GateOutOfSync(epoch, 'refused')
    }
    if (result.epoch !== epoch) throw new GateOutOfSync(result.epoch, 'stale')
    if (onInsufficient === 'rebuild') {
      const expected = applyPostings(balances, postings)?.movements ?? []
      // The locked balances have units that the gate lacks: they would not be oversold.
      if (oversoldUnits(result.movements) > oversoldUnits(expected)) throw new GateOutOfSync(epoch, 'stale')
    }
    balances = replay(balances, result.movements)
    return result
  })
}

export function entriesOf(operations: readonly Operation[], taken: readonly (Taken | null)[]): LedgerEntry[] {
  return operations.flatMap(({ operationId, request: { reason, actor, operatorId } }, index) => {
    const result = taken[index]
    if (!result) return []
    const { epoch, seq, movements } = result
    const operator = operatorId === undefined ? {} : { operatorId }
    return [{ operationId, reason, actor, ...operator, epoch, seq, movements }]
  })
}

export function positionsOf(operations: readonly Operation[], results: readonly TakeResult[]): GatePosition[] {
  return operations.flatMap(({ operationId }, index) => {
    const result = results[index]
    return result?.kind === 'TAKEN' ? [{ operationId, epoch: result.epoch, seq: result.seq }] : []
  })
}

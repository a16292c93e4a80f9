import type { Movement } from '../domain/stock/posting.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import { newId } from '../infrastructure/ids.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import type { StockGate, Taken } from './gate/gate.js'
import type { GatePosition, LedgerEntry, LedgerGroup, LockedEvent } from './ledger.js'
import {
  checkResults,
  entriesOf,
  GateOutOfSync,
  gateOperationsOf,
  positionsOf,
  type Operation,
  type PostRequest,
  type StockTransaction,
} from './stock-transaction.js'

/** Results of posting, by event, in the order of its requests: null for a skipped one. */
export type PostedByEvent = ReadonlyMap<string, readonly (Movement[] | null)[]>

/** Several events, locked for one database transaction in which stock is moved. */
export interface StockGroup {
  readonly transaction: DatabaseTransaction
  readonly events: ReadonlyMap<string, LockedEvent>
  /** Called once. Of an event that is missing in the result nothing was posted; it needs a transaction of its own. */
  postAll(requests: ReadonlyMap<string, readonly PostRequest[]>): Promise<PostedByEvent>
}

/** The only event of its transaction. */
export function groupOfOne(tx: StockTransaction): StockGroup {
  const { eventId, transaction } = tx
  return {
    transaction,
    events: new Map([[eventId, tx]]),
    postAll: async (requests) => new Map([[eventId, await tx.postAll(requests.get(eventId) ?? [])]]),
  }
}

interface Posting {
  eventId: string
  taken: (Taken | null)[]
  entries: LedgerEntry[]
}

/**
 * Each gate decides the requests of its event, and the ledger records those of all events together. What takes more than
 * that is left to the transaction of one event: operations that were posted before, and a gate that is out of sync.
 */
export class OpenStockGroup implements StockGroup {
  /** Operations that the gates have applied, by event. */
  readonly taken = new Map<string, readonly GatePosition[]>()
  /** Events whose operations are recorded. */
  posted: ReadonlySet<string> = new Set()

  constructor(
    private readonly group: LedgerGroup,
    private readonly gate: StockGate,
  ) {}

  get transaction(): DatabaseTransaction {
    return this.group.transaction
  }

  get events(): ReadonlyMap<string, LockedEvent> {
    return this.group.ledgers
  }

  async postAll(requests: ReadonlyMap<string, readonly PostRequest[]>): Promise<PostedByEvent> {
    const postings = await this.decideAll(await this.newOperations(requests))
    await debugPoint('after-gate-before-ledger')
    this.posted = await this.group.record(new Map(postings.map(({ eventId, entries }) => [eventId, entries])))
    const posted = postings.filter(({ eventId }) => this.posted.has(eventId))
    return new Map(posted.map(({ eventId, taken }) => [eventId, taken.map((result) => result?.movements ?? null)]))
  }

  /** Without the events of which an operation is recorded already. */
  private async newOperations(
    requests: ReadonlyMap<string, readonly PostRequest[]>,
  ): Promise<(readonly [eventId: string, operations: Operation[]])[]> {
    const operations = [...requests].map(([eventId, own]) => {
      const named = own.map((request) => ({ operationId: request.id ?? `${eventId}:${newId('op')}`, request }))
      return [eventId, named] as const
    })
    const ids = operations.flatMap(([, own]) => own.map(({ operationId }) => operationId))
    const recorded = await this.group.find(ids)
    return operations.filter(([, own]) => !own.some(({ operationId }) => recorded.has(operationId)))
  }

  /** Without the events whose gate does not respond, unless none does, or is out of sync. */
  private async decideAll(operations: readonly (readonly [string, Operation[]])[]): Promise<Posting[]> {
    const settled = await Promise.allSettled(operations.map(([eventId, own]) => this.decide(eventId, own)))
    const failed = settled.filter((result) => result.status === 'rejected')
    const [first] = failed
    if (first && failed.length === settled.length) throw first.reason
    return settled.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []))
  }

  private async decide(eventId: string, operations: Operation[]): Promise<Posting | null> {
    const ledger = this.group.ledgers.get(eventId)
    if (!ledger) return null
    if (operations.length === 0) return { eventId, taken: [], entries: [] }
    const results = await this.gate.takeMany(eventId, gateOperationsOf(operations))
    this.taken.set(eventId, positionsOf(operations, results))
    try {
      const taken = checkResults(ledger, operations, results)
      return { eventId, taken, entries: entriesOf(operations, taken) }
    } catch (error) {
      if (error instanceof GateOutOfSync) return null
      throw error
    }
  }
}

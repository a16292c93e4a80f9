import type { Balances } from '../domain/ledger-account.js'
import { applyPostings, oversoldUnits, replay, type Movement, type Posting } from '../domain/posting.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import { newId } from '../infrastructure/ids.js'
import type { StockGate, TakeResult, Taken } from './gate.js'
import type { LedgerTransaction, LockedEvent, Place } from './ledger.js'
import type { RebuildCause } from './rebuild.js'

/** A change of stock: all of its postings or none. */
export interface PostRequest {
  /**
   * Idempotency key: posting the same id again moves nothing and returns the movements of the first time. An operation
   * that a crash left unfinished and that was voided is posted as a new one. Left out: a new operation.
   */
  id?: string
  /** None: nothing moves, and nothing is recorded. */
  postings: readonly Posting[]
  reason: string
  /** The user who asked for it; null: the service itself. */
  actor: string | null
  /**
   * What a gate with too little means. `rebuild`: the locked balances have it, so the gate is wrong and is rebuilt.
   * `skip`: what is on its way to the ledger may have it; nothing is posted.
   */
  onInsufficient: 'rebuild' | 'skip'
}

/** One event, locked for one database transaction, in which stock is moved. */
export interface StockTransaction extends LockedEvent {
  /** Null: skipped. */
  post(request: PostRequest): Promise<Movement[] | null>
  /** In one round trip to the gate; answers in the order of the requests, null for one that is skipped. */
  postAll(requests: readonly PostRequest[]): Promise<(Movement[] | null)[]>
}

/** The gate must be rebuilt before anything more is posted. `badEpoch`: which one is wrong; null: none is loaded. */
export class GateOutOfStep extends Error {
  constructor(
    readonly badEpoch: number | null,
    readonly repairCause: RebuildCause,
  ) {
    super(repairCause)
  }
}

interface Operation {
  operationId: string
  request: PostRequest
}

/** The gate decides each request, the ledger records it; both within one lock and one database transaction. */
export class OpenStockTransaction implements StockTransaction {
  /** What the gate has taken and does not know yet to be recorded. */
  readonly taken: Place[] = []

  constructor(
    private readonly eventId: string,
    private readonly ledger: LedgerTransaction,
    private readonly gate: StockGate,
  ) {}

  get prisma(): LockedEvent['prisma'] {
    return this.ledger.prisma
  }

  get balances(): Balances {
    return this.ledger.balances
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

  /** What was given back stays so: another attempt needs an id of its own. */
  private operationId({ id }: PostRequest, before: 'VOIDED' | undefined): string {
    if (id === undefined) return `${this.eventId}:${newId('op')}`
    return before === 'VOIDED' ? `${id}:${newId('retry')}` : id
  }

  private async decideAndRecord(operations: readonly Operation[]): Promise<(Movement[] | null)[]> {
    const takes = operations.map(({ operationId, request }) => ({ operationId, postings: request.postings }))
    const answers = await this.gate.takeMany(this.eventId, takes)
    this.taken.push(...placesOf(operations, answers))
    const taken = this.judge(operations, answers)
    await debugPoint('after-gate-before-ledger')
    await this.record(operations, taken)
    return taken.map((answer) => answer?.movements ?? null)
  }

  /** Null for what is skipped. @throws GateOutOfStep */
  private judge(operations: readonly Operation[], answers: readonly TakeResult[]): (Taken | null)[] {
    const { epoch } = this.ledger
    let { balances } = this
    return operations.map(({ request: { postings, onInsufficient } }, index) => {
      const answer = answers[index]
      if (!answer || answer.kind === 'NOT_LOADED') throw new GateOutOfStep(null, 'not_loaded')
      if (answer.kind === 'INSUFFICIENT') {
        if (onInsufficient === 'skip') return null
        throw new GateOutOfStep(epoch, 'refused')
      }
      if (answer.epoch !== epoch) throw new GateOutOfStep(answer.epoch, 'stale')
      if (onInsufficient === 'rebuild') {
        const expected = applyPostings(balances, postings)?.movements ?? []
        // The locked balances have what the gate lacks: nothing is oversold.
        if (oversoldUnits(answer.movements) > oversoldUnits(expected)) throw new GateOutOfStep(epoch, 'stale')
      }
      balances = replay(balances, answer.movements)
      return answer
    })
  }

  private async record(operations: readonly Operation[], taken: readonly (Taken | null)[]): Promise<void> {
    const entries = operations.flatMap(({ operationId, request: { reason, actor } }, index) => {
      const answer = taken[index]
      if (!answer) return []
      return [{ operationId, reason, actor, epoch: answer.epoch, seq: answer.seq, movements: answer.movements }]
    })
    if (entries.length === 0) return
    const results = await this.ledger.record(entries)
    if (results.includes('LOST_WRITES')) throw new GateOutOfStep(this.ledger.epoch, 'lost_writes')
    const wrong = results.find((result) => result !== 'COMMITTED')
    if (wrong) throw new GateOutOfStep(this.ledger.epoch, wrong === 'REFUSED' ? 'refused' : 'stale')
  }
}

/** Requests with the same id are one operation. */
function keyOf(request: PostRequest): string | PostRequest {
  return request.id ?? request
}

function placesOf(operations: readonly Operation[], answers: readonly TakeResult[]): Place[] {
  return operations.flatMap(({ operationId }, index) => {
    const answer = answers[index]
    return answer?.kind === 'TAKEN' ? [{ operationId, epoch: answer.epoch, seq: answer.seq }] : []
  })
}

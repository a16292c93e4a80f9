import type { Leg, Movement } from '../domain/move.js'
import { BatchLane } from './batch-lane.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import type { StockGate, TakeAnswer, Taken } from './gate.js'
import type { Entry, Ledger, Transaction, Verdict } from './ledger.js'
import { GateUnsettled } from './locked-stock.js'
import type { RebuildCause, Rebuilder } from './rebuild.js'

/** A wish to move stock. The same operation id always names the same wish; repeating it moves nothing twice. */
export interface Decision {
  eventId: string
  operationId: string
  legs: readonly Leg[]
  reason: string
  actor: string | null
  /** Rows that stand or fall with the movements, in the same transaction. Runs only when they are new. */
  write?: (tx: Transaction, movements: readonly Movement[]) => Promise<void>
}

export type Decided =
  | { kind: 'DONE'; movements: Movement[]; repeated: boolean }
  /** Too little stock: nothing moved. */
  | { kind: 'SHORT' }
  /** This operation was given back before it was written down; a new operation id is needed. */
  | { kind: 'VOIDED' }

const ATTEMPTS = 6

interface Work {
  entry: Entry
  write: Decision['write']
}

/**
 * The life of a decision: the gate decides, the ledger writes it down (many together in one transaction), the gate
 * is told. Whatever fails in between is repeated under the same operation id or given back by the pending sweep.
 */
export class StockService {
  private readonly lane = new BatchLane<Work, Verdict>((eventId, works) => this.commit(eventId, works))

  constructor(
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
    private readonly rebuilder: Rebuilder,
    private readonly onUnacknowledged: (error: unknown) => void,
  ) {}

  /** Throws when Redis or PostgreSQL does not answer: the outcome is unknown and the same operation may be repeated. */
  async decide(decision: Decision): Promise<Decided> {
    const { eventId, operationId, legs } = decision
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const answer: TakeAnswer = await this.gate.take(eventId, { operationId, legs })
      if (answer.kind === 'SHORT') return this.repeatOf(operationId)
      if (answer.kind === 'NOT_LOADED') {
        await this.rebuilder.repair(eventId, null, 'not_loaded')
        continue
      }
      await debugPoint('after-gate-before-ledger')
      const verdict = await this.lane.submit(eventId, { entry: entryOf(decision, answer), write: decision.write })
      await debugPoint('after-ledger-before-acknowledge')
      const settled = await this.settle(decision, answer, verdict)
      if (settled) return settled
    }
    throw new GateUnsettled(`the stock gate of ${eventId} could not be settled in ${ATTEMPTS} attempts`)
  }

  private async commit(eventId: string, works: readonly Work[]): Promise<Verdict[]> {
    return this.ledger.exclusive(eventId, async (book) => {
      const verdicts = await book.record(works.map(({ entry }) => entry))
      for (const [index, { entry, write }] of works.entries()) {
        if (verdicts[index] === 'COMMITTED') await write?.(book.tx, entry.movements)
      }
      return verdicts
    })
  }

  /** Null: the gate was repaired, decide again. */
  private async settle({ eventId, operationId }: Decision, taken: Taken, verdict: Verdict): Promise<Decided | null> {
    switch (verdict) {
      case 'COMMITTED':
        this.acknowledge(eventId, operationId)
        return { kind: 'DONE', movements: taken.movements, repeated: false }
      case 'DUPLICATE': {
        await this.dropRepeat(eventId, operationId, taken)
        return { kind: 'DONE', movements: await this.ledger.movementsOf(operationId), repeated: true }
      }
      case 'VOIDED':
        await this.gate.void(eventId, operationId, taken)
        return { kind: 'VOIDED' }
      case 'STALE':
      case 'LOST_WRITES':
      case 'REFUSED':
        await this.rebuilder.repair(eventId, taken.epoch, CAUSE[verdict])
        return null
    }
  }

  /** A take that was written down before: either the very one (only the acknowledgement was missing) or a second one. */
  private async dropRepeat(eventId: string, operationId: string, taken: Taken): Promise<void> {
    const recorded = await this.ledger.placeOf(operationId)
    const same = recorded?.epoch === taken.epoch && recorded.seq === taken.seq
    if (same) this.acknowledge(eventId, operationId)
    else await this.gate.void(eventId, operationId, taken)
  }

  /** A repeat of something done may find the stock gone that it took itself the first time. */
  private async repeatOf(operationId: string): Promise<Decided> {
    const recorded = await this.ledger.placeOf(operationId)
    if (recorded?.outcome !== 'COMMITTED') return { kind: 'SHORT' }
    return { kind: 'DONE', movements: await this.ledger.movementsOf(operationId), repeated: true }
  }

  private acknowledge(eventId: string, operationId: string): void {
    this.gate.acknowledge(eventId, [operationId]).catch(this.onUnacknowledged)
  }
}

const CAUSE: Record<'STALE' | 'LOST_WRITES' | 'REFUSED', RebuildCause> = {
  STALE: 'stale',
  LOST_WRITES: 'lost_writes',
  REFUSED: 'refused',
}

function entryOf(decision: Decision, taken: Taken): Entry {
  const { operationId, reason, actor } = decision
  return { operationId, reason, actor, epoch: taken.epoch, seq: taken.seq, movements: taken.movements }
}

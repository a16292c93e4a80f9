import type { Leg, Movement } from '../domain/move.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import { newId } from '../infrastructure/ids.js'
import type { StockGate, Taken } from './gate.js'
import type { Book, Ledger } from './ledger.js'
import type { RebuildCause, Rebuilder } from './rebuild.js'

export interface LockedTake {
  operationId: string
  legs: readonly Leg[]
  reason: string
  actor: string | null
  /**
   * What a gate with too little means. `behind`: the locked balances have it, so the gate is wrong and is rebuilt.
   * `taken`: decisions on their way to the ledger may have it; the take is left out this time.
   */
  short: 'behind' | 'taken'
}

export interface LockedPlan<T> {
  takes: readonly LockedTake[]
  /** Rows that stand or fall with the takes; gets the movements per take, null for one left out. */
  finish: (movements: readonly (Movement[] | null)[]) => Promise<T>
}

/** The gate could not be brought in step with the ledger in time. */
export class GateUnsettled extends Error {
  override readonly name = 'GateUnsettled'
}

/** The gate must be repaired before the plan can be carried out. */
class OutOfStep extends Error {
  constructor(
    readonly badEpoch: number | null,
    readonly repairCause: RebuildCause,
  ) {
    super(repairCause)
  }
}

class OperationVoided extends Error {}

const ATTEMPTS = 6

/**
 * Decisions whose very question must be asked under the event's lock: what an order changed, what a cap covers.
 * The plan is made from the locked book, decided by the gate and written down in one transaction.
 */
export class LockedStock {
  constructor(
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
    private readonly rebuilder: Rebuilder,
    private readonly onUnacknowledged: (error: unknown) => void,
  ) {}

  /**
   * `plan` runs once per attempt; operation ids must end in the `salt` it is given. Throws when Redis or PostgreSQL
   * does not answer; nothing is committed then, and what the gate took is given back by the pending sweep.
   */
  async run<T>(eventId: string, plan: (book: Book, salt: string) => Promise<LockedPlan<T>>): Promise<T> {
    let salt = ''
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        return await this.attempt(eventId, plan, salt)
      } catch (error) {
        if (error instanceof OutOfStep) await this.rebuilder.repair(eventId, error.badEpoch, error.repairCause)
        else if (error instanceof OperationVoided) salt = `:${newId('retry')}`
        else throw error
      }
    }
    throw new GateUnsettled(`the stock gate of ${eventId} could not be settled in ${ATTEMPTS} attempts`)
  }

  private async attempt<T>(
    eventId: string,
    plan: (book: Book, salt: string) => Promise<LockedPlan<T>>,
    salt: string,
  ): Promise<T> {
    const { result, operationIds } = await this.ledger.exclusive(eventId, async (book) => {
      const { takes, finish } = await plan(book, salt)
      const taken = await this.take(eventId, book, takes)
      if (takes.length > 0) await debugPoint('after-gate-before-ledger')
      await record(book, takes, taken)
      const result = await finish(taken.map((answer) => answer?.movements ?? null))
      return { result, operationIds: takes.map(({ operationId }) => operationId) }
    })
    if (operationIds.length > 0) {
      await debugPoint('after-ledger-before-acknowledge')
      this.gate.acknowledge(eventId, operationIds).catch(this.onUnacknowledged)
    }
    return result
  }

  private async take(eventId: string, book: Book, takes: readonly LockedTake[]): Promise<(Taken | null)[]> {
    const answers = takes.length > 0 ? await this.gate.takeMany(eventId, takes) : []
    return answers.map((answer, index) => {
      if (answer.kind === 'NOT_LOADED') throw new OutOfStep(null, 'not_loaded')
      if (answer.kind === 'SHORT') {
        if (takes[index]?.short === 'taken') return null
        throw new OutOfStep(book.epoch, 'refused')
      }
      if (answer.epoch !== book.epoch) throw new OutOfStep(answer.epoch, 'stale')
      return answer
    })
  }
}

async function record(book: Book, takes: readonly LockedTake[], taken: readonly (Taken | null)[]): Promise<void> {
  const entries = takes.flatMap(({ operationId, reason, actor }, index) => {
    const answer = taken[index]
    if (!answer) return []
    return [{ operationId, reason, actor, epoch: answer.epoch, seq: answer.seq, movements: answer.movements }]
  })
  if (entries.length === 0) return
  const verdicts = await book.record(entries)
  if (verdicts.includes('VOIDED')) throw new OperationVoided()
  if (verdicts.includes('LOST_WRITES')) throw new OutOfStep(book.epoch, 'lost_writes')
  const wrong = verdicts.find((verdict) => verdict !== 'COMMITTED')
  if (wrong) throw new OutOfStep(book.epoch, wrong === 'REFUSED' ? 'refused' : 'stale')
}

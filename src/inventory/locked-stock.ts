import { applyLegs, replay, type Leg, type Movement } from '../domain/move.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import { newId } from '../infrastructure/ids.js'
import type { StockGate, TakeAnswer, Taken } from './gate.js'
import type { Book, Ledger, Place } from './ledger.js'
import { isOutage } from '../infrastructure/outage.js'
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
   * `plan` runs once per attempt; operation ids must end in the `salt` it is given. When it throws nothing is committed.
   * Throws when Redis or PostgreSQL does not answer: what the gate took is given back then by the pending sweep.
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
    let held: Place[] = []
    try {
      const result = await this.ledger.exclusive(eventId, async (book) => {
        const { takes, finish } = await plan(book, salt)
        await refuseVoided(book, takes)
        const answers = takes.length > 0 ? await this.gate.takeMany(eventId, takes) : []
        held = placesOf(takes, answers)
        const taken = judge(book, takes, answers)
        if (takes.length > 0) await debugPoint('after-gate-before-ledger')
        await record(book, takes, taken)
        return finish(taken.map((answer) => answer?.movements ?? null))
      })
      if (held.length > 0) await debugPoint('after-ledger-before-acknowledge')
      const ids = held.map(({ operationId }) => operationId)
      this.gate.acknowledge(eventId, ids).catch(this.onUnacknowledged)
      return result
    } catch (error) {
      // A rebuilt gate has forgotten them.
      if (!(error instanceof OutOfStep) && !isOutage(error)) await this.giveBack(eventId, held)
      throw error
    }
  }

  /** Otherwise what a rolled back attempt took would be missing from the gate until the pending sweep finds it. */
  private async giveBack(eventId: string, held: readonly Place[]): Promise<void> {
    if (held.length === 0) return
    try {
      const out = await this.ledger.voidAll(eventId, held)
      await Promise.all(out.map((place) => this.gate.void(eventId, place.operationId, place)))
    } catch (error) {
      this.onUnacknowledged(error)
    }
  }
}

/** An operation that was kept out of the ledger needs another id: asked before the gate takes anything for it. */
async function refuseVoided({ tx }: Book, takes: readonly LockedTake[]): Promise<void> {
  const repeatable = takes.filter(({ short }) => short === 'behind').map(({ operationId }) => operationId)
  if (repeatable.length === 0) return
  const where = { operationId: { in: repeatable }, outcome: 'VOIDED' } as const
  if ((await tx.stockOperation.count({ where })) > 0) throw new OperationVoided()
}

function placesOf(takes: readonly LockedTake[], answers: readonly TakeAnswer[]): Place[] {
  return takes.flatMap(({ operationId }, index) => {
    const answer = answers[index]
    return answer?.kind === 'TAKEN' ? [{ operationId, epoch: answer.epoch, seq: answer.seq }] : []
  })
}

/** Null for a take that is left out this time. @throws OutOfStep */
function judge(book: Book, takes: readonly LockedTake[], answers: readonly TakeAnswer[]): (Taken | null)[] {
  let balances = book.balances
  return takes.map(({ legs, short }, index) => {
    const answer = answers[index]
    if (!answer || answer.kind === 'NOT_LOADED') throw new OutOfStep(null, 'not_loaded')
    if (answer.kind === 'SHORT') {
      if (short === 'taken') return null
      throw new OutOfStep(book.epoch, 'refused')
    }
    if (answer.epoch !== book.epoch) throw new OutOfStep(answer.epoch, 'stale')
    if (short === 'behind' && oversoldBy(answer.movements) > oversoldBy(applyLegs(balances, legs)?.movements ?? [])) {
      // The locked balances have what the gate lacks: nothing is oversold.
      throw new OutOfStep(book.epoch, 'stale')
    }
    balances = replay(balances, answer.movements)
    return answer
  })
}

function oversoldBy(movements: readonly Movement[]): number {
  return movements.filter(({ from }) => from === 'OVERSOLD').reduce((sum, { quantity }) => sum + quantity, 0)
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

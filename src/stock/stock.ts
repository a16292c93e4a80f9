import { debugPoint } from '../infrastructure/debug-point.js'
import { isOutage } from '../infrastructure/errors/outage.js'
import type { StockGate } from './gate/gate.js'
import type { Ledger, GatePosition } from './ledger.js'
import type { Rebuilder } from './gate/rebuild.js'
import { OpenStockGroup } from './stock-group.js'
import { GateOutOfSync, OpenStockTransaction, type StockTransaction } from './stock-transaction.js'

/** The gate could not be brought in sync with the ledger in time. */
export class GateSyncFailed extends Error {
  override readonly name = 'GateSyncFailed'
}

const MAX_ATTEMPTS = 6

/** The only writer of stock: updates gate and ledger together, under the event's lock. */
export class Stock {
  constructor(
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
    private readonly rebuilder: Rebuilder,
    private readonly onUnacknowledged: (error: unknown) => void,
  ) {}

  /**
   * Runs `work` with the event locked, in one database transaction: its postings and rows are committed together, or not
   * at all if it throws. Retried after a gate rebuild, so `work` must have no effects outside the transaction. Throws
   * EventUnknown, GateSyncFailed, or the error of Redis or PostgreSQL if it does not respond; the pending sweep then voids
   * what the gate has applied.
   */
  async transact<T>(eventId: string, work: (tx: StockTransaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      try {
        return await this.attempt(eventId, work)
      } catch (error) {
        if (!(error instanceof GateOutOfSync)) throw error
        await this.rebuilder.repair(eventId, error.badEpoch, error.repairCause)
      }
    }
    throw new GateSyncFailed(`the stock gate of ${eventId} is still out of sync after ${MAX_ATTEMPTS} attempts`)
  }

  /**
   * As `transact`, for several events in one transaction, so that one commit serves all of them. An event that another
   * transaction has locked, or whose gate or ledger does not simply agree, is left out of what `work` can read and post, and
   * remains for `transact`: it delays no other. Throws if the transaction fails; then nothing is committed of any event.
   */
  async transactTogether<T>(eventIds: readonly string[], work: (group: OpenStockGroup) => Promise<T>): Promise<T> {
    let taken: ReadonlyMap<string, readonly GatePosition[]> = new Map()
    try {
      const { result, posted } = await this.ledger.exclusiveTogether(eventIds, async (ledgers) => {
        const group = new OpenStockGroup(ledgers, this.gate)
        taken = group.taken
        return { result: await work(group), posted: group.posted }
      })
      if (posted.size > 0) await debugPoint('after-ledger-before-acknowledge')
      for (const [eventId, positions] of taken) {
        if (posted.has(eventId)) this.acknowledge(eventId, positions)
        else void this.voidTaken(eventId, positions)
      }
      return result
    } catch (error) {
      // Without waiting: one that is locked would delay the others. Posted again, they are found voided or are committed.
      if (!isOutage(error)) for (const [eventId, positions] of taken) void this.voidTaken(eventId, positions)
      throw error
    }
  }

  private async attempt<T>(eventId: string, work: (tx: StockTransaction) => Promise<T>): Promise<T> {
    let taken: readonly GatePosition[] = []
    try {
      const result = await this.ledger.exclusive(eventId, (ledger) => {
        const tx = new OpenStockTransaction(eventId, ledger, this.gate)
        taken = tx.taken
        return work(tx)
      })
      if (taken.length > 0) {
        await debugPoint('after-ledger-before-acknowledge')
        this.acknowledge(eventId, taken)
      }
      return result
    } catch (error) {
      // A rebuild discards them.
      if (!(error instanceof GateOutOfSync) && !isOutage(error)) await this.voidTaken(eventId, taken)
      throw error
    }
  }

  private acknowledge(eventId: string, taken: readonly GatePosition[]): void {
    if (taken.length === 0) return
    const ids = taken.map(({ operationId }) => operationId)
    this.gate.acknowledge(eventId, ids).catch(this.onUnacknowledged)
  }

  /** Voids the operations of a rolled-back attempt now: otherwise their units would be missing until the pending sweep. */
  private async voidTaken(eventId: string, taken: readonly GatePosition[]): Promise<void> {
    if (taken.length === 0) return
    try {
      const voided = await this.ledger.voidAll(eventId, taken)
      await Promise.all(voided.map((operation) => this.gate.void(eventId, operation.operationId, operation)))
    } catch (error) {
      this.onUnacknowledged(error)
    }
  }
}

import { debugPoint } from '../infrastructure/debug-point.js'
import { isOutage } from '../infrastructure/errors/outage.js'
import type { StockGate } from './gate/gate.js'
import type { Ledger, GatePosition } from './ledger.js'
import type { Rebuilder } from './gate/rebuild.js'
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
        const ids = taken.map(({ operationId }) => operationId)
        this.gate.acknowledge(eventId, ids).catch(this.onUnacknowledged)
      }
      return result
    } catch (error) {
      // A rebuild discards them.
      if (!(error instanceof GateOutOfSync) && !isOutage(error)) await this.voidTaken(eventId, taken)
      throw error
    }
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

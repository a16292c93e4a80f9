import { debugPoint } from '../infrastructure/debug-point.js'
import { isOutage } from '../infrastructure/outage.js'
import type { StockGate } from './gate.js'
import type { Ledger, Place } from './ledger.js'
import type { Rebuilder } from './rebuild.js'
import { GateOutOfStep, OpenStockTransaction, type StockTransaction } from './stock-transaction.js'

/** The gate could not be brought in step with the ledger in time. */
export class GateUnsettled extends Error {
  override readonly name = 'GateUnsettled'
}

const ATTEMPTS = 6

/** The only writer of stock: gate and ledger move together, under the lock of the event. */
export class Stock {
  constructor(
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
    private readonly rebuilder: Rebuilder,
    private readonly onUnacknowledged: (error: unknown) => void,
  ) {}

  /**
   * Runs `work` with the event locked, in one database transaction: what it posts and the rows it writes are committed
   * together, or not at all when it throws. Once more after the gate had to be rebuilt: `work` acts on nothing but the
   * transaction. Throws EventUnknown; GateUnsettled; what Redis or PostgreSQL throws when it does not answer: what the
   * gate took is then given back by the pending sweep.
   */
  async transact<T>(eventId: string, work: (tx: StockTransaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        return await this.attempt(eventId, work)
      } catch (error) {
        if (!(error instanceof GateOutOfStep)) throw error
        await this.rebuilder.repair(eventId, error.badEpoch, error.repairCause)
      }
    }
    throw new GateUnsettled(`the stock gate of ${eventId} could not be settled in ${ATTEMPTS} attempts`)
  }

  private async attempt<T>(eventId: string, work: (tx: StockTransaction) => Promise<T>): Promise<T> {
    let taken: readonly Place[] = []
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
      // A rebuilt gate has forgotten them.
      if (!(error instanceof GateOutOfStep) && !isOutage(error)) await this.giveBack(eventId, taken)
      throw error
    }
  }

  /** Otherwise what a rolled back attempt took would be missing from the gate until the pending sweep finds it. */
  private async giveBack(eventId: string, taken: readonly Place[]): Promise<void> {
    if (taken.length === 0) return
    try {
      const out = await this.ledger.voidAll(eventId, taken)
      await Promise.all(out.map((place) => this.gate.void(eventId, place.operationId, place)))
    } catch (error) {
      this.onUnacknowledged(error)
    }
  }
}

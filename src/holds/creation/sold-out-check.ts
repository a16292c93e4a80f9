import { holdAccounts, type HoldSource } from '../../domain/hold.js'
import { unitsOf } from '../../domain/stock/ledger-account.js'
import { BatchedReads } from '../../infrastructure/batched-reads.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { GateState, StockGate } from '../../stock/gate/gate.js'

/** For how long an event with stock is not read again: requests that it misleads are refused under the event's lock. */
export const TRUSTED_MS = 250
const MAX_REMEMBERED = 1_000

interface Remembered {
  state: GateState
  /** ms, `Clock.monotonicMs` */
  readAt: number
}

/** By the stock gate alone, so that requests for a sold-out event need not wait for the ledger. */
export class SoldOutCheck {
  /** Requests of one tick for the same event read its gate once. */
  private readonly reads: BatchedReads<GateState>
  private readonly remembered = new Map<string, Remembered>()

  constructor(
    gate: StockGate,
    private readonly clock: Clock,
  ) {
    this.reads = new BatchedReads(async (eventIds) => {
      const states = await Promise.all(eventIds.map(async (eventId) => [eventId, await gate.read(eventId)] as const))
      return new Map(states.flatMap(([eventId, state]) => (state ? [[eventId, state]] : [])))
    })
  }

  /** True only by a state that was read after the call. */
  async isSoldOut(eventId: string, source: HoldSource, quantity: number): Promise<boolean> {
    const known = this.remembered.get(eventId)
    const now = this.clock.monotonicMs()
    if (known && now - known.readAt < TRUSTED_MS && available(known.state, source) >= quantity) return false
    const state = await this.reads.get(eventId)
    if (!state) return false
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear()
    this.remembered.set(eventId, { state, readAt: now })
    return available(state, source) < quantity
  }
}

function available({ balances }: GateState, source: HoldSource): number {
  return holdAccounts(source, true).reduce((sum, account) => sum + Math.max(0, unitsOf(balances, account)), 0)
}

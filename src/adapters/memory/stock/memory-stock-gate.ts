import type { Balances } from '../../../domain/stock/ledger-account.js'
import { applyPostings, replay } from '../../../domain/stock/posting.js'
import type { Clock } from '../../../infrastructure/time/clock.js'
import {
  RESULT_TTL_MS,
  StockGate,
  type GateOperation,
  type GateState,
  type PendingOperation,
  type Taken,
  type TakeResult,
} from '../../../stock/gate/gate.js'

interface EventGate {
  /** Null: not loaded. */
  loaded: GateState | null
  /** By operation id; they survive the installation of a new epoch. */
  results: Map<string, { taken: Taken; expiresAt: number }>
  /** When each operation was taken, ms, by operation id. */
  pending: Map<string, number>
}

/** The gate in memory, for runs on virtual time. Equivalent to `RedisStockGate`, by the same suite. */
export class MemoryStockGate extends StockGate {
  private readonly events = new Map<string, EventGate>()

  constructor(private readonly clock: Clock) {
    super()
  }

  override async take(eventId: string, { operationId, postings }: GateOperation): Promise<TakeResult> {
    const event = this.eventOf(eventId)
    const { loaded } = event
    if (!loaded) return { kind: 'NOT_LOADED' }
    const earlier = this.resultOf(event, operationId)
    if (earlier?.epoch === loaded.epoch) return earlier
    const applied = applyPostings(loaded.balances, postings)
    if (!applied) return { kind: 'INSUFFICIENT' }
    const seq = loaded.seq + 1
    event.loaded = { ...loaded, seq, balances: applied.balances }
    const taken: Taken = { kind: 'TAKEN', epoch: loaded.epoch, seq, movements: applied.movements }
    event.results.set(operationId, { taken, expiresAt: this.nowMs() + RESULT_TTL_MS })
    event.pending.set(operationId, this.nowMs())
    return taken
  }

  override async takeMany(eventId: string, operations: readonly GateOperation[]): Promise<TakeResult[]> {
    const results: TakeResult[] = []
    for (const operation of operations) results.push(await this.take(eventId, operation))
    return results
  }

  override async acknowledge(eventId: string, operationIds: readonly string[]): Promise<void> {
    const { pending } = this.eventOf(eventId)
    for (const id of operationIds) pending.delete(id)
  }

  override async void(eventId: string, operationId: string, taken: { epoch: number; seq: number }): Promise<boolean> {
    const event = this.eventOf(eventId)
    const result = this.resultOf(event, operationId)
    if (result?.epoch !== taken.epoch || result.seq !== taken.seq || event.loaded?.epoch !== taken.epoch) return false
    const reversed = result.movements.map(({ from, to, quantity }) => ({ from: to, to: from, quantity }))
    event.loaded = { ...event.loaded, balances: replay(event.loaded.balances, reversed) }
    event.results.delete(operationId)
    event.pending.delete(operationId)
    return true
  }

  override async install(eventId: string, epoch: number, balances: Balances): Promise<boolean> {
    const event = this.eventOf(eventId)
    if (event.loaded && event.loaded.epoch >= epoch) return false
    event.loaded = { epoch, seq: 0, balances: { ...balances } }
    event.pending.clear()
    return true
  }

  override async pending(eventId: string, olderThanMs: number, limit: number): Promise<PendingOperation[]> {
    const event = this.eventOf(eventId)
    const takenBefore = this.nowMs() - olderThanMs
    return [...event.pending]
      .filter(([, at]) => at <= takenBefore)
      .toSorted(([a, aAt], [b, bAt]) => aAt - bAt || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([operationId]) => ({ operationId, taken: this.resultOf(event, operationId) }))
  }

  override async read(eventId: string): Promise<GateState | null> {
    const { loaded } = this.eventOf(eventId)
    return loaded && { ...loaded, balances: { ...loaded.balances } }
  }

  override async installedEpoch(eventId: string): Promise<number> {
    return this.eventOf(eventId).loaded?.epoch ?? 0
  }

  private eventOf(eventId: string): EventGate {
    const known = this.events.get(eventId)
    if (known) return known
    const created: EventGate = { loaded: null, results: new Map(), pending: new Map() }
    this.events.set(eventId, created)
    return created
  }

  private resultOf({ results }: EventGate, operationId: string): Taken | null {
    const result = results.get(operationId)
    return result && result.expiresAt > this.nowMs() ? result.taken : null
  }

  private nowMs(): number {
    return this.clock.now().getTime()
  }
}

import type { Balances } from '../../../domain/stock/ledger-account.js'
import { applyPostings, replay } from '../../../domain/stock/posting.js'
import type { Clock } from '../../../infrastructure/time/clock.js'
import {
  RESULT_TTL_MS,
  type GateOperation,
  type GateState,
  type PendingOperation,
  type Taken,
  type TakeResult,
} from '../../../stock/gate/gate.js'

interface EventGate {
  /** Null: not loaded. `run`: of the server into which it was loaded; another one may have lost operations. */
  loaded: (GateState & { run: string }) | null
  /** By operation id; they survive the installation of a new epoch. */
  results: Map<string, { taken: Taken; expiresAt: number }>
  /** When each operation was taken, ms, by operation id. */
  pending: Map<string, number>
}

/** The gates of all events, as one Redis keeps them, by its clock. Every method is one of the scripts in `lua/`. */
export class MemoryGateState {
  private events = new Map<string, EventGate>()

  constructor(private readonly clock: Clock) {}

  take(eventId: string, { operationId, postings }: GateOperation, run: string): TakeResult {
    const event = this.eventOf(eventId)
    const { loaded } = event
    if (loaded?.run !== run) return { kind: 'NOT_LOADED' }
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

  takeMany(eventId: string, operations: readonly GateOperation[], run: string): TakeResult[] {
    return operations.map((operation) => this.take(eventId, operation, run))
  }

  acknowledge(eventId: string, operationIds: readonly string[]): void {
    const { pending } = this.eventOf(eventId)
    for (const id of operationIds) pending.delete(id)
  }

  void(eventId: string, operationId: string, taken: { epoch: number; seq: number }): boolean {
    const event = this.eventOf(eventId)
    const result = this.resultOf(event, operationId)
    if (result?.epoch !== taken.epoch || result.seq !== taken.seq || event.loaded?.epoch !== taken.epoch) return false
    const reversed = result.movements.map(({ from, to, quantity }) => ({ from: to, to: from, quantity }))
    event.loaded = { ...event.loaded, balances: replay(event.loaded.balances, reversed) }
    event.results.delete(operationId)
    event.pending.delete(operationId)
    return true
  }

  install(eventId: string, epoch: number, balances: Balances, run: string): boolean {
    const event = this.eventOf(eventId)
    if (event.loaded && event.loaded.epoch >= epoch) return false
    event.loaded = { epoch, seq: 0, balances: { ...balances }, run }
    event.pending.clear()
    return true
  }

  pending(eventId: string, olderThanMs: number, limit: number): PendingOperation[] {
    const event = this.eventOf(eventId)
    const takenBefore = this.nowMs() - olderThanMs
    return [...event.pending]
      .filter(([, at]) => at <= takenBefore)
      .toSorted(([a, aAt], [b, bAt]) => aAt - bAt || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([operationId]) => ({ operationId, taken: this.resultOf(event, operationId) }))
  }

  read(eventId: string, run: string): GateState | null {
    const { loaded } = this.eventOf(eventId)
    if (loaded?.run !== run) return null
    return { epoch: loaded.epoch, seq: loaded.seq, balances: { ...loaded.balances } }
  }

  installedEpoch(eventId: string): number {
    return this.eventOf(eventId).loaded?.epoch ?? 0
  }

  clear(): void {
    this.events.clear()
  }

  /** Returns the function that restores the present state. */
  snapshot(): () => void {
    const saved = copyOf(this.events)
    return () => {
      this.events = copyOf(saved)
    }
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

/** What is loaded and taken is replaced, never changed. */
function copyOf(events: ReadonlyMap<string, EventGate>): Map<string, EventGate> {
  const copies = [...events].map(([eventId, { loaded, results, pending }]): [string, EventGate] => {
    return [eventId, { loaded, results: new Map(results), pending: new Map(pending) }]
  })
  return new Map(copies)
}

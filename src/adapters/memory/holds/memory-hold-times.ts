import { HoldTimes } from '../../../holds/hold-times.js'
import type { SharedMemory } from '../../../infrastructure/shared-memory.js'
import type { Clock } from '../../../infrastructure/time/clock.js'

interface EventTimes {
  /** When each hold ends, ms, by hold id. */
  times: Map<string, number>
  expiresAt: number
}

/** The times of all events, as one Redis keeps them, by its clock. */
export class MemoryHoldTimesState {
  private events = new Map<string, EventTimes>()

  constructor(private readonly clock: Clock) {}

  add(eventId: string, holds: readonly { id: string; remainingMs: number }[], ttlMs: number): void {
    const now = this.nowMs()
    const { times } = this.eventOf(eventId)
    for (const { id, remainingMs } of holds) times.set(id, now + remainingMs)
    this.events.set(eventId, { times, expiresAt: now + ttlMs })
  }

  remove(eventId: string, holdIds: readonly string[]): void {
    const { times } = this.eventOf(eventId)
    for (const id of holdIds) times.delete(id)
  }

  leaseDue(eventId: string, leaseMs: number, limit: number): string[] {
    const now = this.nowMs()
    const { times } = this.eventOf(eventId)
    const due = [...times].filter(([, at]) => at <= now).toSorted(([a, aAt], [b, bAt]) => aAt - bAt || (a < b ? -1 : 1))
    const leased = due.slice(0, limit).map(([id]) => id)
    for (const id of leased) times.set(id, now + leaseMs)
    return leased
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

  private eventOf(eventId: string): EventTimes {
    const known = this.events.get(eventId)
    return known && known.expiresAt > this.nowMs() ? known : { times: new Map(), expiresAt: 0 }
  }

  private nowMs(): number {
    return this.clock.now().getTime()
  }
}

function copyOf(events: ReadonlyMap<string, EventTimes>): Map<string, EventTimes> {
  return new Map([...events].map(([id, { times, expiresAt }]) => [id, { times: new Map(times), expiresAt }]))
}

/** The times in memory, for runs on virtual time. Equivalent to `RedisHoldTimes`, by the same suite. */
export class MemoryHoldTimes extends HoldTimes {
  constructor(private readonly memory: SharedMemory<MemoryHoldTimesState>) {
    super()
  }

  add(eventId: string, holds: readonly { id: string; remainingMs: number }[], ttlMs: number): Promise<void> {
    return this.memory.write((events) => events.add(eventId, holds, ttlMs))
  }

  remove(eventId: string, holdIds: readonly string[]): Promise<void> {
    return this.memory.write((events) => events.remove(eventId, holdIds))
  }

  leaseDue(eventId: string, leaseMs: number, limit: number): Promise<string[]> {
    return this.memory.write((events) => events.leaseDue(eventId, leaseMs, limit))
  }
}

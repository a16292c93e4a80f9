import type { CallContext, Outcome } from '../../port.js'
import { ok } from '../../kit/outcomes.js'
import type { LumaClient } from '../client/client.js'
import { listTicketTypes, type TicketType } from './ticket-types.js'

/** Types are rarely added or hidden; until the next refresh the event's own cap still limits them. */
const TTL_MS = 300_000
const MAX_EVENTS = 500

/** Caches the ticket types of events as last read or written, so that a write need not list them first. */
export class TicketTypeCache {
  private readonly entries = new Map<string, { types: TicketType[]; cachedAt: number }>()

  constructor(
    private readonly client: LumaClient,
    private readonly now: () => Date,
  ) {}

  /** 1 call, none if they are cached. */
  async get(eventId: string, context: CallContext): Promise<Outcome<TicketType[]>> {
    const cached = this.cached(eventId)
    return cached ? ok(cached) : this.refresh(eventId, context)
  }

  cached(eventId: string): TicketType[] | null {
    const entry = this.entries.get(eventId)
    return entry && this.now().getTime() - entry.cachedAt < TTL_MS ? entry.types : null
  }

  /** Reads the current types. 1 call. */
  async refresh(eventId: string, context: CallContext): Promise<Outcome<TicketType[]>> {
    const read = await listTicketTypes(this.client, eventId, context)
    if (read.kind !== 'OK') return read
    this.entries.delete(eventId)
    this.entries.set(eventId, { types: read.value, cachedAt: this.now().getTime() })
    const [oldest] = this.entries.keys()
    if (this.entries.size > MAX_EVENTS && oldest !== undefined) this.entries.delete(oldest)
    return read
  }

  recordCap(eventId: string, typeId: string, cap: number): void {
    for (const type of this.entries.get(eventId)?.types ?? []) if (type.id === typeId) type.cap = cap
  }

  invalidate(eventId: string): void {
    this.entries.delete(eventId)
  }
}

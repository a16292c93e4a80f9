import type { CallContext, Outcome } from '../port.js'
import { ok } from './answers.js'
import type { LumaClient } from './client.js'
import { listTicketTypes, type TicketType } from './ticket-types.js'

/** Types are added and hidden seldom; the event's own cap holds meanwhile. */
const FRESH_MS = 300_000
const MAX_EVENTS = 500

/** The ticket types of events as last read or written, so that a write need not list them first. */
export class TypeMemory {
  private readonly known = new Map<string, { types: TicketType[]; at: number }>()

  constructor(
    private readonly client: LumaClient,
    private readonly now: () => Date,
  ) {}

  /** 1 call, none where they are known. */
  async types(eventId: string, context: CallContext): Promise<Outcome<TicketType[]>> {
    const known = this.remembered(eventId)
    return known ? ok(known) : this.read(eventId, context)
  }

  remembered(eventId: string): TicketType[] | null {
    const known = this.known.get(eventId)
    return known && this.now().getTime() - known.at < FRESH_MS ? known.types : null
  }

  /** As they are now. 1 call. */
  async read(eventId: string, context: CallContext): Promise<Outcome<TicketType[]>> {
    const read = await listTicketTypes(this.client, eventId, context)
    if (read.kind !== 'OK') return read
    this.known.delete(eventId)
    this.known.set(eventId, { types: read.value, at: this.now().getTime() })
    const [oldest] = this.known.keys()
    if (this.known.size > MAX_EVENTS && oldest !== undefined) this.known.delete(oldest)
    return read
  }

  wrote(eventId: string, typeId: string, cap: number): void {
    for (const type of this.known.get(eventId)?.types ?? []) if (type.id === typeId) type.cap = cap
  }

  forget(eventId: string): void {
    this.known.delete(eventId)
  }
}

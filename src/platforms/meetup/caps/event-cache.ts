import { isObject, type JsonObject } from '../../kit/response-shape.js'
import { countOrNull } from '../client/contract.js'

/** The state of one event when this process last read or wrote it. */
export interface CachedEvent {
  /** Guests that a member may bring; null: unknown. */
  guestLimit: number | null
  /** A hybrid event has a limit per venue; a limit for the whole event has no effect. */
  hybrid: boolean
  /** RSVPs are closed, regardless of the limit; null: unknown. */
  closed: boolean | null
  /** Minimum number of attendees; null: unknown. */
  attendees: number | null
  /** RSVPs in every state; null: unknown. */
  rows: number | null
  limit: number | null
  /** Members on the waitlist; null: unknown. */
  waiting: number | null
  /** Seats that raises have added since the list was last read: waitlisted members are promoted to them at once. */
  added: number
}

const UNKNOWN_EVENT: CachedEvent = {
  guestLimit: null,
  hybrid: false,
  closed: null,
  attendees: null,
  rows: null,
  limit: null,
  waiting: null,
  added: 0,
}
const MAX_CACHED_EVENTS = 1_000

/**
 * Saves reads; correctness does not depend on it: a closing gets its count from the caller, and the response to a write
 * shows its effect. Lost when the process ends.
 */
export class EventCache {
  private readonly events = new Map<string, CachedEvent>()

  get(eventId: string): CachedEvent {
    return this.events.get(eventId) ?? UNKNOWN_EVENT
  }

  update(eventId: string, changes: Partial<CachedEvent>): void {
    const cached = this.get(eventId)
    if (this.events.size >= MAX_CACHED_EVENTS && !this.events.has(eventId)) this.events.clear()
    this.events.set(eventId, { ...cached, ...changes })
  }

  /** Records the limit in the response to a write. */
  recordLimit(eventId: string, limit: number): void {
    const { limit: previous, added } = this.get(eventId)
    this.update(eventId, { limit, added: added + Math.max(0, limit - (previous ?? limit)) })
  }

  /** The maximum number of rows changed by raises: promoted from the waitlist. */
  promotedRows(eventId: string): number {
    const { added, waiting } = this.get(eventId)
    return Math.min(added, waiting ?? added)
  }

  /** Records the event in any response. */
  recordEvent(eventId: string, event: JsonObject): void {
    const guestLimit = countOrNull(event['guestLimit'])
    const limit = countOrNull(event['maxTickets'])
    const waiting = isObject(event['rsvps']) ? countOrNull(event['rsvps']['waitlistCount']) : null
    const type = event['eventType']
    this.update(eventId, {
      ...(guestLimit === null ? {} : { guestLimit }),
      ...(limit === null ? {} : { limit }),
      ...(waiting === null ? {} : { waiting }),
      ...(typeof type === 'string' ? { hybrid: type === 'HYBRID' } : {}),
    })
  }
}

import { countOrNull, isObject, type JsonObject } from './contract.js'

/** What one event showed of itself when it was last read or written by this process. */
export interface EventFacts {
  /** Guests that a member may bring; null: not seen. */
  guestLimit: number | null
  /** One limit for the whole event does not bind there: each venue has its own. */
  hybrid: boolean
  /** RSVPs are closed, whatever the limit; null: not seen. */
  closed: boolean | null
  /** People in seats at least; null: not seen. */
  heads: number | null
  /** RSVPs in every state; null: not seen. */
  rows: number | null
  limit: number | null
  /** Members on the waitlist; null: not seen. */
  waiting: number | null
  /** Seats that raises have added since the list was last read: members on the waitlist take them at once. */
  added: number
}

const NOTHING_SEEN: EventFacts = {
  guestLimit: null,
  hybrid: false,
  closed: null,
  heads: null,
  rows: null,
  limit: null,
  waiting: null,
  added: 0,
}
const MAX_REMEMBERED = 1_000

/**
 * Spares readings, and nothing depends on it: what a closing must know is passed to it, and what a write left behind is
 * told by its answer. Lost with the process.
 */
export class EventMemory {
  private readonly events = new Map<string, EventFacts>()

  of(eventId: string): EventFacts {
    return this.events.get(eventId) ?? NOTHING_SEEN
  }

  note(eventId: string, facts: Partial<EventFacts>): void {
    const known = this.of(eventId)
    if (this.events.size >= MAX_REMEMBERED && !this.events.has(eventId)) this.events.clear()
    this.events.set(eventId, { ...known, ...facts })
  }

  /** From the answer to a write. */
  noteLimit(eventId: string, limit: number): void {
    const { limit: before, added } = this.of(eventId)
    this.note(eventId, { limit, added: added + Math.max(0, limit - (before ?? limit)) })
  }

  /** Rows of its list that changed because of raises, at most. */
  promotions(eventId: string): number {
    const { added, waiting } = this.of(eventId)
    return Math.min(added, waiting ?? added)
  }

  /** From any answer that shows the event. */
  noteEvent(eventId: string, event: JsonObject): void {
    const guestLimit = countOrNull(event['guestLimit'])
    const limit = countOrNull(event['maxTickets'])
    const waiting = isObject(event['rsvps']) ? countOrNull(event['rsvps']['waitlistCount']) : null
    const type = event['eventType']
    this.note(eventId, {
      ...(guestLimit === null ? {} : { guestLimit }),
      ...(limit === null ? {} : { limit }),
      ...(waiting === null ? {} : { waiting }),
      ...(typeof type === 'string' ? { hybrid: type === 'HYBRID' } : {}),
    })
  }
}

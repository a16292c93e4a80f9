import { countOrNull, type JsonObject } from './contract.js'

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
}

const NOTHING_SEEN: EventFacts = { guestLimit: null, hybrid: false, closed: null, heads: null, rows: null }
const MOST_REMEMBERED = 1_000

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
    if (this.events.size >= MOST_REMEMBERED && !this.events.has(eventId)) this.events.clear()
    this.events.set(eventId, { ...known, ...facts })
  }

  /** From any answer that shows the event. */
  noteEvent(eventId: string, event: JsonObject): void {
    const guestLimit = countOrNull(event['guestLimit'])
    const type = event['eventType']
    this.note(eventId, {
      ...(guestLimit === null ? {} : { guestLimit }),
      ...(typeof type === 'string' ? { hybrid: type === 'HYBRID' } : {}),
    })
  }
}

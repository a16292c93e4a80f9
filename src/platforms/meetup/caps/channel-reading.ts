import type { CallContext, ChannelReading, Failure, Outcome } from '../../port.js'
import type { MeetupClient } from '../client/client.js'
import { operationOf, type OperationContext } from '../../operation.js'
import { decode } from '../../kit/outcomes.js'
import type { EventCache } from './event-cache.js'
import { modeOf, readCounts, type EventCounts } from './event-state.js'
import { countAttendees, type AttendeeCount } from './attendee-count.js'
import { EVENT_COUNTS } from '../client/operations.js'
import { countAttendeesOnPage } from '../orders/rsvp-page.js'
import type { RsvpQuery } from '../orders/rsvp-query.js'

export interface EventState extends EventCounts {
  attendees: AttendeeCount
  /** The read includes all changes up to then, ms since the epoch. */
  at: number
}

export interface ChannelReaderParts {
  client: MeetupClient
  query: RsvpQuery
  cache: EventCache
  now: () => Date
  /** Maximum rows per page. */
  pageSize: number
}

/** Reads limit, sales and mode of one event. */
export class ChannelReader {
  constructor(private readonly parts: ChannelReaderParts) {}

  /** `storeRows`: an import follows, which may reuse the rows read. */
  async readChannel(eventId: string, context: CallContext, storeRows = false): Promise<Outcome<ChannelReading>> {
    const read = await this.readState(eventId, operationOf(context), storeRows)
    if (read.kind !== 'OK') return read
    if (this.parts.cache.get(eventId).hybrid) return HYBRID
    const { cap, closed, state, hasWaitlist, attendees, at } = read.value
    const sold = attendees.known ? attendees.atLeast : null
    const full = typeof cap === 'number' && attendees.atLeast >= cap
    return {
      kind: 'OK',
      value: {
        cap,
        capSource: 'read',
        sold,
        // A pending payment holds its seat and is counted as sold.
        pending: 0,
        mode: full ? 'WAITLIST_ONLY' : modeOf(cap, closed, sold),
        listingState: state,
        waitlistAvailable: closed ? false : hasWaitlist,
        asOf: new Date(at),
      },
    }
  }

  /** One query if the whole list fits on a page. `storeRows`: stores its rows for the import that follows. */
  async readState(eventId: string, context: OperationContext, storeRows = false): Promise<Outcome<EventState>> {
    const { query, cache, pageSize, now } = this.parts
    let at = now().getTime()
    if ((cache.get(eventId).rows ?? 0) <= pageSize) {
      const page = await query.page(eventId, pageSize, null, context)
      if (page.kind !== 'OK') return page
      if (storeRows) query.store(eventId, page.value)
      at = page.value.at
      const complete = completeState(page.value.event)
      if (complete) return this.cacheState(eventId, { ...complete, at })
    }
    const counts = await this.readCounts(eventId, context)
    if (counts.kind !== 'OK') return counts
    const attendees = await countAttendees(this.parts.client, eventId, counts.value, pageSize, context)
    return attendees.kind === 'OK'
      ? this.cacheState(eventId, { ...counts.value, attendees: attendees.value, at })
      : attendees
  }

  async readCounts(eventId: string, context: OperationContext): Promise<Outcome<EventCounts>> {
    const event = await this.parts.client.execute(EVENT_COUNTS, { id: eventId }, context)
    if (event.kind !== 'OK') return event
    this.parts.cache.recordEvent(eventId, event.value)
    return decode(() => readCounts(event.value))
  }

  private cacheState(eventId: string, state: EventState): Outcome<EventState> {
    this.parts.cache.update(eventId, { closed: state.closed, attendees: state.attendees.atLeast })
    return { kind: 'OK', value: state }
  }
}

export const HYBRID: Failure = {
  kind: 'REJECTED',
  code: 'HYBRID_EVENT',
  message: 'A hybrid event has a limit for each venue; list its venues as separate events',
}

/** Null: the page does not show the whole state. */
function completeState(event: Parameters<typeof readCounts>[0]): Omit<EventState, 'at'> | null {
  const counts = decode(() => readCounts(event))
  const attendees = decode(() => countAttendeesOnPage(event))
  return counts.kind === 'OK' && attendees.kind === 'OK' && attendees.value
    ? { ...counts.value, attendees: attendees.value }
    : null
}

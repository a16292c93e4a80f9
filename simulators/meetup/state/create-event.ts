import type { Ids } from './ids.js'
import type { EventRecord } from './model.js'
import type { MeetupState } from './state.js'

export interface EventOptions extends Partial<Omit<EventRecord, 'token'>> {
  /** The RSVP limit; null or omitted: none. */
  capacity?: number | null
}

const MONTH_MS = 30 * 86_400_000

/** Puts an event on sale. @throws RangeError for an existing id */
export function createEvent(state: MeetupState, ids: Ids, { capacity, ...options }: EventOptions): EventRecord {
  const event: EventRecord = {
    id: ids.event(),
    title: 'Quarterly Meetup',
    venue: 'Example hall',
    status: 'ACTIVE',
    eventType: 'PHYSICAL',
    dateTime: state.ports.platformClock.now() + MONTH_MS,
    maxTickets: capacity === undefined ? null : capacity,
    guestLimit: 2,
    feeRequired: false,
    rsvpsClosed: false,
    rsvpOpenTime: null,
    rsvpCloseTime: null,
    organizers: null,
    ...options,
    token: ids.eventToken(),
  }
  state.add(event)
  return event
}

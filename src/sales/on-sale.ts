import { StateConflict } from '../domain/errors.js'
import { endOf, salesEndOf, type EventFlags, type EventTimes } from '../domain/event-state.js'

export type Buyer = 'CUSTOMER' | 'STAFF'

/**
 * Why this event is not sold directly to customers, or by staff, at this instant; null when it is. Staff sell at the door
 * until the event's end. A red alarm alone does not stop them.
 */
export function saleRefusal(event: EventFlags & EventTimes, buyer: Buyer, now: Date): StateConflict | null {
  if (event.pausedSince && !event.closedSince) return new StateConflict('The sale of this event is paused.')
  return overRefusal(event, buyer, now)
}

/** The same for what is held already: a pause lets it be bought. */
export function overRefusal(
  event: Pick<EventFlags, 'closedSince'> & EventTimes,
  buyer: Buyer,
  now: Date,
): StateConflict | null {
  if (event.closedSince) return new StateConflict('The event is closed for good.')
  if (endOf(event) <= now) return new StateConflict('The event is over.')
  if (buyer === 'STAFF' || salesEndOf(event) > now) return null
  return new StateConflict('Online sales of this event have ended.')
}

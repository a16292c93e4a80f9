import { StateConflict } from './errors.js'
import { endOf, salesEndOf, type EventFlags, type EventTimes } from './events/event-state.js'

export type BuyerRole = 'CUSTOMER' | 'STAFF'

/**
 * Why direct sales to customers, or by staff, are closed at this instant; null while they are open. Staff can sell at
 * the door until the event ends. A red alarm alone does not close direct sales.
 */
export function saleConflict(event: EventFlags & EventTimes, buyerRole: BuyerRole, now: Date): StateConflict | null {
  if (event.pausedSince && !event.closedSince) return new StateConflict('Sales for this event are paused.')
  return purchaseConflict(event, buyerRole, now)
}

/** As `saleConflict`, for tickets that are already held: they can be bought during a pause. */
export function purchaseConflict(
  event: Pick<EventFlags, 'closedSince'> & EventTimes,
  buyerRole: BuyerRole,
  now: Date,
): StateConflict | null {
  if (event.closedSince) return new StateConflict('The event is closed permanently.')
  if (endOf(event) <= now) return new StateConflict('The event has ended.')
  if (buyerRole === 'STAFF' || salesEndOf(event) > now) return null
  return new StateConflict('Online sales for this event have ended.')
}

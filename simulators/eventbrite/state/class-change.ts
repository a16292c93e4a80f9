import { notFound } from '../api/errors.js'
import type { EventbriteState } from './state.js'
import type { ChangePublisher } from '../webhooks.js'

/** The organizer moves one valid ticket to another class of its event. @throws Rejection for unknown ids */
export function changeClass(
  state: EventbriteState,
  publisher: ChangePublisher,
  orderId: string,
  attendeeId: string,
  classId: string,
): void {
  const order = state.orders.get(orderId)
  const attendees = state.attendees.get(orderId) ?? []
  const attendee = attendees.find(({ id, cancelled }) => id === attendeeId && !cancelled)
  if (order === undefined || attendee === undefined) throw notFound('attendee')
  const event = state.event(order.eventId)
  const target = state.ticketClass(event, classId)
  state.ticketClass(event, attendee.classId).sold -= 1
  target.sold += 1
  const changed = state.platformNow()
  const moved = { ...attendee, classId: target.id, className: target.name, changed }
  state.saveAttendees(
    orderId,
    attendees.map((other) => (other === attendee ? moved : other)),
  )
  state.saveOrder({ ...order, changed })
  state.commit(event, 'ticket moved')
  publisher.orderUpdated(order, [moved], false)
}

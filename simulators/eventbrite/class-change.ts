import type { Announcer } from './hooks.js'
import { notFound } from './refusals.js'
import type { World } from './world.js'

/** The organiser moves one valid ticket to another class of its event. @throws Refusal for what does not exist */
export function changeClass(
  world: World,
  announcer: Announcer,
  orderId: string,
  attendeeId: string,
  classId: string,
): void {
  const order = world.orders.get(orderId)
  const attendees = world.attendees.get(orderId) ?? []
  const attendee = attendees.find(({ id, cancelled }) => id === attendeeId && !cancelled)
  if (order === undefined || attendee === undefined) throw notFound('attendee')
  const event = world.event(order.eventId)
  const target = world.ticketClass(event, classId)
  world.ticketClass(event, attendee.classId).sold -= 1
  target.sold += 1
  const changed = world.platformNow()
  const moved = { ...attendee, classId: target.id, className: target.name, changed }
  world.saveAttendees(
    orderId,
    attendees.map((one) => (one === attendee ? moved : one)),
  )
  world.saveOrder({ ...order, changed })
  world.commit(event, 'ticket moved')
  announcer.givenBack(order, [moved], false)
}

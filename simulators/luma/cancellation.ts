import type { Sim } from './sim.js'
import { LumaError } from './store.js'

const TOKEN_MS = 15 * 60_000

/** The first of two steps. @throws LumaError 404 */
export function requestCancellation(sim: Sim, eventId: string) {
  const event = sim.store.event(eventId)
  const approved = [...event.guests.values()].filter(({ status }) => status === 'approved')
  const token = sim.ids.next('cancellation')
  sim.store.cancellations.set(token, { eventId, expiresAt: sim.clock.now() + TOKEN_MS })
  return { cancellation_token: token, is_paid: isPaid(sim, eventId), guest_count: approved.length }
}

/** Deletes the event for good. @throws LumaError 400, 404 */
export function cancelEvent(sim: Sim, eventId: string, token: string, refund: boolean | undefined): void {
  const event = sim.store.event(eventId)
  const known = sim.store.cancellations.get(token)
  if (!known || known.eventId !== eventId || known.expiresAt < sim.clock.now()) {
    throw new LumaError(400, 'Invalid or expired cancellation_token')
  }
  if (refund === undefined && isPaid(sim, eventId)) {
    throw new LumaError(400, 'should_refund is required for an event with paid guests')
  }
  sim.store.cancellations.delete(token)
  sim.store.events.delete(eventId)
  sim.notices.eventCanceled(event)
}

function isPaid(sim: Sim, eventId: string): boolean {
  const guests = [...sim.store.event(eventId).guests.values()]
  return guests.some(({ orders }) => orders.some(({ amount }) => amount > 0))
}

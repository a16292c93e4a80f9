import { takenOfEvent, takenOfType } from './capacity.js'
import type { SimulatorContext } from './context.js'
import { LumaError } from '../errors.js'
import { autoPromote } from './guest-changes.js'
import type { LumaEvent, TicketType } from './model.js'

const TOKEN_LIFETIME_MS = 15 * 60_000

/** A cap of null is unlimited. @throws LumaError 400 depending on the toggles */
export function setEventCap(context: SimulatorContext, event: LumaEvent, cap: number | null): void {
  event.maxCapacity = acceptedCap(context, cap, takenOfEvent(event, context.toggles.current))
  context.state.recordChange(event, 'event cap')
  autoPromote(context, event)
}

/** @throws LumaError 400 depending on the toggles */
export function setTypeCap(context: SimulatorContext, event: LumaEvent, type: TicketType, cap: number | null): void {
  type.maxCapacity = acceptedCap(context, cap, takenOfType(event, type.id, context.toggles.current))
  context.state.recordChange(event, 'type cap')
  autoPromote(context, event)
}

function acceptedCap(context: SimulatorContext, cap: number | null, taken: number): number | null {
  const { maxCapacityZero, maxCapacityBelowCount } = context.toggles.current
  if (cap === null) return null
  if (cap <= 0 && maxCapacityZero === 'reject') throw new LumaError(400, 'max_capacity must be greater than 0')
  if (cap <= 0 && maxCapacityZero === 'unlimited') return null
  if (cap < taken && maxCapacityBelowCount === 'reject') {
    throw new LumaError(400, 'max_capacity cannot be below the number of guests')
  }
  return Math.max(0, cap)
}

/** The first of two steps: issues a cancellation token. @throws LumaError 404 */
export function requestCancellation(context: SimulatorContext, eventId: string) {
  const event = context.state.event(eventId)
  const approved = [...event.guests.values()].filter(({ status }) => status === 'approved')
  const token = context.ids.next('cancellation')
  context.state.cancellations.set(token, { eventId, expiresAt: context.clock.now() + TOKEN_LIFETIME_MS })
  return { cancellation_token: token, is_paid: isPaid(context, eventId), guest_count: approved.length }
}

/** Deletes the event permanently. @throws LumaError 400, 404 */
export function cancelEvent(
  context: SimulatorContext,
  eventId: string,
  token: string,
  refund: boolean | undefined,
): void {
  const event = context.state.event(eventId)
  const cancellation = context.state.cancellations.get(token)
  if (!cancellation || cancellation.eventId !== eventId || cancellation.expiresAt < context.clock.now()) {
    throw new LumaError(400, 'Invalid or expired cancellation_token')
  }
  if (refund === undefined && isPaid(context, eventId)) {
    throw new LumaError(400, 'should_refund is required for an event with paid guests')
  }
  context.state.cancellations.delete(token)
  context.state.events.delete(eventId)
  context.webhooks.eventCanceled(event)
}

function isPaid(context: SimulatorContext, eventId: string): boolean {
  const guests = [...context.state.event(eventId).guests.values()]
  return guests.some(({ orders }) => orders.some(({ amount }) => amount > 0))
}

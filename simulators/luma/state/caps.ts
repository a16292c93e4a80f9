import { takenOfEvent, takenOfType } from './capacity.js'
import type { SimulatorContext } from './context.js'
import { LumaError } from '../api/errors.js'
import { autoPromote } from './guest-status.js'
import type { LumaEvent, TicketType } from './model.js'

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

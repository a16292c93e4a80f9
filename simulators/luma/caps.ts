import { takenOfEvent, takenOfType } from './capacity.js'
import { promoteFreed } from './guest-status.js'
import type { LumaEvent, TicketType } from './model.js'
import type { Sim } from './sim.js'
import { LumaError } from './store.js'

/** A cap of null is unlimited. @throws LumaError 400 as the toggles have it */
export function setEventCap(sim: Sim, event: LumaEvent, cap: number | null): void {
  event.maxCapacity = acceptedCap(sim, cap, takenOfEvent(event, sim.toggles.current))
  sim.store.changed(event, 'event cap')
  promoteFreed(sim, event)
}

/** @throws LumaError 400 as the toggles have it */
export function setTypeCap(sim: Sim, event: LumaEvent, type: TicketType, cap: number | null): void {
  type.maxCapacity = acceptedCap(sim, cap, takenOfType(event, type.id, sim.toggles.current))
  sim.store.changed(event, 'type cap')
  promoteFreed(sim, event)
}

function acceptedCap(sim: Sim, cap: number | null, taken: number): number | null {
  const { maxCapacityZero, maxCapacityBelowCount } = sim.toggles.current
  if (cap === null) return null
  if (cap <= 0 && maxCapacityZero === 'reject') throw new LumaError(400, 'max_capacity must be greater than 0')
  if (cap <= 0 && maxCapacityZero === 'unlimited') return null
  if (cap < taken && maxCapacityBelowCount === 'reject') {
    throw new LumaError(400, 'max_capacity cannot be below the number of guests')
  }
  return Math.max(0, cap)
}

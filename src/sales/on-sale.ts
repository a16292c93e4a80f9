import { StateConflict } from '../domain/errors.js'
import type { EventFlags } from '../domain/event-state.js'

/** Why nothing more of this event is sold directly, by anybody; null when it is. A red alarm alone does not stop staff. */
export function saleRefusal({ closedSince, pausedSince }: EventFlags): StateConflict | null {
  if (closedSince) return new StateConflict('The event is closed for good.')
  return pausedSince ? new StateConflict('The sale of this event is paused.') : null
}

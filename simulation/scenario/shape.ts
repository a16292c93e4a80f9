import type { Random } from '../../simulators/kit/index.js'
import type { EventPlan, ListingPlan } from './actions.js'

/** What the actions of a scenario are drawn for. */
export interface Shape {
  random: Random
  events: EventPlan[]
  listings: ListingPlan[]
  processes: number
  activeMs: number
}

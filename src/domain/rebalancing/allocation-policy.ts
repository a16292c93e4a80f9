import { planCaps, type CapPlan, type PlannedChannel } from '../caps/cap-plan.js'
import { donorsToRead, planMoves } from './rebalance-policy.js'
import type { EventView, Move } from './rebalance-view.js'

/** How an event's units are divided among its channels. Pure: the same arguments always give the same result. */
export abstract class AllocationPolicy {
  /** The caps while no demand is considered: the first ones, and those after a change of the event or its channels. */
  abstract split(
    pool: number,
    channels: readonly PlannedChannel[],
    direct: { weight: number; sold: number; held: number },
  ): CapPlan
  abstract moves(view: EventView): Move[]
  /** Ids of the channels whose sales should be read before moves are planned. */
  abstract channelsToRead(view: EventView): string[]
}

/** The policy of the service. */
export const REBALANCING: AllocationPolicy = {
  split: planCaps,
  moves: (view) => planMoves(view),
  channelsToRead: (view) => donorsToRead(view),
}

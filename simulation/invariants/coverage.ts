import type { ChannelRow } from '../../src/adapters/memory/rows.js'
import { channelStateOf } from '../../src/channels/channel-state.js'
import { seatsTaken } from '../../src/domain/caps/exposure.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/**
 * I2: a write that raises a cap, or sets the first one, is covered before it is sent: by units of the channel, or by seats
 * that are taken in any case. No platform accepts a cap of 0.
 */
export function coverageInvariant(): Invariant {
  /** Of each channel: the cap of a write, and what it may be without cover, as when it was recorded. */
  const lowering = new Map<string, { cap: number; below: number }>()
  return (world) =>
    world.database.channels.where(null).flatMap((channel) => {
      const { id, eventId, platform, confirmedCap, unconfirmedCap, uncountedCap } = channel
      if (unconfirmedCap === null) lowering.delete(id)
      if (unconfirmedCap === null) return []
      if (confirmedCap !== null && unconfirmedCap <= confirmedCap) {
        // A lost write that lowered stays recorded while it may land, also once a smaller cap is confirmed: no raise.
        lowering.set(id, { cap: unconfirmedCap, below: unconfirmedCap })
        return []
      }
      const state = channelStateOf(channel, world.balancesOf(eventId))
      const listing = world.listings.find(({ channelId }) => channelId === id)
      const isUncounted = confirmedCap === null || uncountedCap !== null
      const taken = isUncounted ? Math.max(seatsTaken(state), takenThere(world, listing)) : seatsTaken(state)
      const covered = Math.max(1, state.sold + state.allocated, taken)
      if (unconfirmedCap <= covered) return []
      const known = lowering.get(id)
      const write =
        known?.cap === unconfirmedCap
          ? known
          : { cap: unconfirmedCap, below: listing && onlyLowers(channel, listing) ? capThere(world, listing) : 0 }
      lowering.set(id, write)
      if (unconfirmedCap <= write.below) return []
      return [violation('I2', `${platform} ${id} is raised to ${unconfirmedCap}, ${covered} are covered`)]
    })
}

/**
 * A listing may have to be closed before its sales were ever read, as in fail-safe mode: the platform refuses a lower cap
 * than their number, which is not recorded yet, and is closed at that number. Until then its exposure is unbounded, or that
 * of the cap before.
 */
function takenThere(world: World, listing: WorldListing | undefined): number {
  if (!listing) return 0
  const { sold, carts } = world.truthOf(listing)
  return sold + (world.doCartsHoldSeats(listing) ? carts : 0)
}

/**
 * That number is searched (Luma, Eventbrite): above it, but not above the cap in force there, such a write only lowers what
 * is on sale. So it does where the cap was raised manually since the last reading: the recorded one is not in force.
 */
function onlyLowers({ confirmedCap, unconfirmedMode }: ChannelRow, { excused }: WorldListing): boolean {
  return confirmedCap === null ? unconfirmedMode === 'WAITLIST_ONLY' : excused
}

function capThere(world: World, listing: WorldListing): number {
  return world.truthOf(listing).capacityWithHolds ?? Infinity
}

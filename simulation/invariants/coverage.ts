import { channelStateOf } from '../../src/channels/channel-state.js'
import { seatsTaken } from '../../src/domain/caps/exposure.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/**
 * I2: a write that raises a cap, or sets the first one, is covered before it is sent: by units of the channel, or by seats
 * that are taken in any case. No platform accepts a cap of 0.
 */
export function coverageInvariant(): Invariant {
  /** Of each channel: the cap of its first write, and the one that was in force there when that was recorded. */
  const closings = new Map<string, { cap: number; inForce: number }>()
  return (world) =>
    world.database.channels.where(null).flatMap((channel) => {
      const { id, eventId, platform, confirmedCap, unconfirmedCap, unconfirmedMode } = channel
      if (unconfirmedCap === null || (confirmedCap !== null && unconfirmedCap <= confirmedCap)) return []
      const state = channelStateOf(channel, world.balancesOf(eventId))
      const taken = confirmedCap === null ? Math.max(seatsTaken(state), takenThere(world, id)) : seatsTaken(state)
      const covered = Math.max(1, state.sold + state.allocated, taken)
      if (unconfirmedCap <= covered) return []
      if (confirmedCap === null && unconfirmedMode === 'WAITLIST_ONLY') {
        const known = closings.get(id)
        const closing = known?.cap === unconfirmedCap ? known : { cap: unconfirmedCap, inForce: capThere(world, id) }
        closings.set(id, closing)
        if (unconfirmedCap <= closing.inForce) return []
      }
      return [violation('I2', `${platform} ${id} is raised to ${unconfirmedCap}, ${covered} are covered`)]
    })
}

/**
 * A listing may have to be closed before its sales were ever read, as in fail-safe mode: the platform refuses a lower cap
 * than their number, which is not recorded yet, and is closed at that number. Its exposure is unbounded until then.
 */
function takenThere(world: World, channelId: string): number {
  const listing = world.listings.find((one) => one.channelId === channelId)
  if (!listing) return 0
  const { sold, carts } = world.truthOf(listing)
  return sold + (world.doCartsHoldSeats(listing) ? carts : 0)
}

/** That number is searched (Luma): above it, but not above the organizer's cap, such a closing only lowers what is on sale. */
function capThere(world: World, channelId: string): number {
  const listing = world.listings.find((one) => one.channelId === channelId)
  return listing ? (world.truthOf(listing).capacity ?? Infinity) : 0
}

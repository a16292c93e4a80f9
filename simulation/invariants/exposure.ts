import { channelStateOf } from '../../src/channels/channel-state.js'
import { exposure } from '../../src/domain/caps/exposure.js'
import { sold, unitsOf, capacityOf } from '../../src/domain/stock/ledger-account.js'
import { DIRECT } from '../../src/domain/channel.js'
import type { Invariant } from './invariant.js'
import { manualExposure } from './manual-listings.js'
import { violation, type Violation } from './violation.js'

/**
 * I2: what each platform may still sell is known and covered. Checked against the platforms' true state: no listing can end
 * up with more tickets than its recorded exposure, and no event has sold more than its capacity. Listings that were not
 * imported yet, and those whose cap was changed manually, are excused until their exposure is known.
 */
export const exposureInvariant: Invariant = (world) => [
  ...world.listings.flatMap((listing): Violation[] => {
    const channel = world.database.channels.get(null, listing.channelId)
    if (!channel || channel.importedAt === null) return []
    const known = exposure(channelStateOf(channel, world.balancesOf(channel.eventId)))
    const truth = world.truthOf(listing)
    const taken = truth.sold + (world.doCartsHoldSeats(listing) ? truth.carts : 0)
    const possible = truth.onSale ? Math.max(truth.capacity ?? Infinity, taken) : taken
    // What was sold under another cap is known once it is counted.
    if (truth.capacity !== null && truth.capacity === channel.confirmedCap && taken <= known) listing.excused = false
    if (possible <= known || listing.excused) return []
    return [violation('I2', `${channel.platform} ${channel.id} can sell ${possible}, its exposure is ${known}`)]
  }),
  ...world.manualListings.flatMap((listing) => manualExposure(world, listing)),
  ...world.events.flatMap((event): Violation[] => {
    if (event.excused) return []
    const balances = world.balancesOf(event.id)
    const counted = world.listingsOf(event.id).reduce((sum, listing) => sum + world.truthOf(listing).sold, 0)
    const manual = world.manualListings.filter(({ eventId }) => eventId === event.id)
    const onPlatforms = manual.reduce((sum, listing) => sum + listing.sold, counted)
    const direct = unitsOf(balances, sold(DIRECT)) + balances.HELD
    const capacity = capacityOf(balances)
    if (onPlatforms + direct <= capacity) return []
    return [violation('OVERSOLD', `${event.id}: ${onPlatforms} on platforms and ${direct} directly of ${capacity}`)]
  }),
]

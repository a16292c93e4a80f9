import type { ManualListing } from '../world/manual-listing.js'
import type { World } from '../world/world.js'
import { channelStateOf } from '../../src/channels/channel-state.js'
import { exposure } from '../../src/domain/caps/exposure.js'
import { sold, unitsOf } from '../../src/domain/stock/ledger-account.js'
import { isCapOff } from './cap-off.js'
import { violation, type Violation } from './violation.js'

/** I2 for a listing without an API: what it may sell is covered from when a person is requested to set a cap there. */
export function manualExposure(world: World, { index, channelId, cap, sold: taken }: ManualListing): Violation[] {
  const channel = world.database.channels.get(null, channelId)
  if (!channel || channel.importedAt === null) return []
  const known = exposure(channelStateOf(channel, world.balancesOf(channel.eventId)))
  const possible = Math.max(cap, taken)
  if (possible <= known) return []
  return [violation('I2', `manual listing ${index} can sell ${possible}, its exposure is ${known}`)]
}

/** Its keeper has something to set, to count or to confirm. */
export function isManualListingOff(world: World, { channelId, eventId, cap, sold: taken }: ManualListing): boolean {
  const channel = world.database.channels.get(null, channelId)
  if (!channel || channel.detachedAt !== null) return false
  const counted = unitsOf(world.balancesOf(eventId), sold(channel))
  return channel.taskCap !== null || channel.confirmedCap !== cap || counted !== taken
}

/** What is not as requested, confirmed and counted, once its keeper does what is requested. */
export function manualListingProblems(world: World): string[] {
  return world.manualListings.flatMap((listing) => {
    const channel = world.database.channels.get(null, listing.channelId)
    if (!channel) return [`manual listing ${listing.index} has no channel`]
    if (channel.detachedAt !== null) return []
    const { taskCap, confirmedCap, desiredCap, unconfirmedCap, desiredMode, pausedSince, detachRequestedAt } = channel
    const counted = unitsOf(world.balancesOf(listing.eventId), sold(channel))
    const isOpen = desiredMode === 'OPEN' && pausedSince === null
    const problems = [
      channel.importedAt === null ? 'it was never imported' : null,
      counted === listing.sold ? null : `${counted} sold are recorded, ${listing.sold} are sold there`,
      confirmedCap === listing.cap ? null : `its cap is ${listing.cap} there, ${confirmedCap} is recorded`,
      taskCap === null ? null : `its cap of ${taskCap} is not confirmed`,
      unconfirmedCap === null ? null : `a request of ${unconfirmedCap} is unconfirmed`,
      detachRequestedAt === null ? null : 'it is still being detached',
      isOpen && isCapOff(world, channel) ? `its cap is ${confirmedCap}, it should be ${desiredCap}` : null,
    ]
    return problems.flatMap((problem) => (problem === null ? [] : [`manual listing ${listing.index}: ${problem}`]))
  })
}

import { ChannelConfirmation } from '../../src/channel-commands/channel-confirmation.js'
import { ChannelListings } from '../../src/channel-commands/channel-listings.js'
import { isManualListingOff } from '../invariants/manual-listings.js'
import type { ManualAction } from '../scenario/actions.js'
import type { ManualListing } from '../world/manual-listing.js'
import type { World } from '../world/world.js'
import { OPERATOR } from './staff.js'
import { untilDecided } from './until-done.js'

/** How often a keeper does so in the calm, ms. */
const CALM_KEEP_MS = 5_000

/** What buyers, their keeper and operators do with listings without an API. */
export function onManualListing(world: World, action: ManualAction): void {
  const listing = world.manualListings[action.manual]
  if (!listing) return
  switch (action.kind) {
    case 'sell-on-manual-listing': {
      const outcome = listing.sell(action.tickets) ? `${action.tickets} sold` : 'refused'
      world.trace.add(`manual listing ${listing.index}: ${outcome}`)
      return
    }
    case 'cancel-on-manual-listing':
      listing.cancel(action.tickets)
      world.trace.add(`manual listing ${listing.index}: ${action.tickets} cancelled`)
      return
    case 'keep-manual-listing':
      keep(world, listing, action)
      return
    case 'detach-manual-listing':
      world.background(
        untilDecided(world, action.kind, (process) => {
          const request = { reason: 'by the scenario', soldOnly: false }
          return process.get(ChannelListings).detach(listing.eventId, listing.channelId, request, OPERATOR)
        }),
      )
  }
}

/** In the calm, keepers do what is requested until it is confirmed. */
export function keepManualListings(world: World): void {
  for (const listing of world.manualListings) world.background(keepAlways(world, listing))
}

async function keepAlways(world: World, listing: ManualListing): Promise<never> {
  for (;;) {
    if (isManualListingOff(world, listing)) keep(world, listing, { setAfterMs: 0, confirmAfterMs: 0 })
    await listing.work
    await world.time.sleep(CALM_KEEP_MS)
  }
}

type Delays = Pick<Extract<ManualAction, { kind: 'keep-manual-listing' }>, 'setAfterMs' | 'confirmAfterMs'>

function keep(world: World, listing: ManualListing, delays: Delays): void {
  listing.work = listing.work.then(() => doTask(world, listing, delays))
  world.background(listing.work)
}

/** By the time it is set, another cap may be requested. */
async function doTask(world: World, listing: ManualListing, { setAfterMs, confirmAfterMs }: Delays): Promise<void> {
  const { index, eventId, channelId } = listing
  const requested = world.database.channels.get(null, channelId)?.taskCap ?? null
  await world.time.sleep(setAfterMs)
  if (requested !== null) {
    listing.setCap(requested)
    world.trace.add(`manual listing ${index}: cap set to ${requested}`)
  }
  await world.time.sleep(confirmAfterMs)
  await untilDecided(world, `confirmation of manual listing ${index}`, (process) => {
    const { cap, sold } = listing
    return process.get(ChannelConfirmation).confirm(eventId, channelId, { cap, sold }, OPERATOR)
  })
}

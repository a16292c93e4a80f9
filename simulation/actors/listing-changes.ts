import { ChannelListings } from '../../src/channel-commands/channel-listings.js'
import { capacityOf } from '../../src/domain/stock/ledger-account.js'
import type { ListingAction } from '../scenario/actions.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import { createListing } from './setup.js'
import { OPERATOR } from './staff.js'
import { untilDecided } from './until-done.js'

/** The listings of an event change while it is on sale. A command that fails is repeated; one that is refused is not. */
export function changeListings(world: World, action: ListingAction): void {
  const change = changeOf(world, action)
  if (change) world.background(untilDecided(world, action.kind, (process) => change(process.get(ChannelListings))))
}

/** Undefined: the scenario has no such listing or event now. */
function changeOf(world: World, action: ListingAction): ((listings: ChannelListings) => Promise<unknown>) | undefined {
  if (action.kind === 'add-listing') return addition(world, action)
  const listing = world.listings[action.listing]
  if (!listing) return undefined
  const { eventId, channelId, platform, connectionId, ref } = listing
  switch (action.kind) {
    case 'detach-listing':
      return (listings) => listings.detach(eventId, channelId, { reason: 'by the scenario', soldOnly: false }, OPERATOR)
    case 'attach-listing-again':
      return (listings) => listings.attach(eventId, { platform, connectionId, ...idsOf(ref) }, OPERATOR)
    case 'move-listing': {
      // The others keep their ids.
      if (platform !== 'LUMA') return undefined
      listing.ref = { ...ref, eventId: world.platforms.luma.control.changeId(ref.eventId) }
      world.changed(platform)
      return (listings) => listings.move(eventId, channelId, listing.ref.eventId, OPERATOR)
    }
  }
}

/** The listing exists on its platform before the service knows it, with sales of its own. */
function addition(world: World, { event, plan }: Extract<ListingAction, { kind: 'add-listing' }>) {
  const known = world.events[event]
  if (!known) return undefined
  const created = createListing(world, plan)
  const balances = world.balancesOf(known.id)
  const found = Math.max(plan.capacity ?? Infinity, plan.alreadySold)
  // Others may sell these units until their caps are lowered.
  if (found > balances.UNALLOCATED || capacityOf(balances) === 0) known.excused = true
  return async (listings: ChannelListings) => {
    const { platform, weight } = plan
    const { connectionId } = created
    const { id } = await listings.attach(known.id, { platform, connectionId, weight, ...idsOf(created.ref) }, OPERATOR)
    const added: WorldListing = {
      index: world.listings.length,
      eventId: known.id,
      channelId: id,
      platform,
      ...created,
      excused: false,
      carts: [],
      requireApproval: false,
      applicants: [],
    }
    if (world.listings.every(({ channelId }) => channelId !== id)) world.listings.push(added)
  }
}

const idsOf = ({ eventId, ticketTypeId }: WorldListing['ref']) => ({
  externalEventId: eventId,
  ...(ticketTypeId === null ? {} : { externalTicketClassId: ticketTypeId }),
})

import type { BuyerAction } from '../scenario/actions.js'
import type { OpenOrder, WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import { holdTickets } from './direct-buyers.js'

/** Until a buyer who was refused tries another platform, ms. */
const SECOND_TRY_MS = 4_000

/** What buyers do on the platforms and in the service. A purchase that is refused is no failure. */
export function buy(world: World, action: BuyerAction): void {
  if (action.kind === 'hold') {
    holdTickets(world, action)
    return
  }
  const listing = world.listings[action.listing]
  if (!listing) return
  const outcome = onPlatform(listing, action)
  world.changed(listing.platform)
  world.trace.add(`${action.kind} on ${listing.platform} listing ${listing.index}: ${outcome ?? 'refused'}`)
  // The only change of a guest there that is none of its tickets.
  if (action.kind === 'change-order' && outcome !== null && listing.platform === 'LUMA')
    world.door.checkedInOnPlatform(listing, outcome)
  if (action.kind !== 'buy' || outcome !== null || action.elsewhere === undefined) return
  const { elsewhere, ...purchase } = action
  world.time.after(SECOND_TRY_MS, () => {
    // In the calm no organizer decides about an application.
    if (!world.isCalm) buy(world, { ...purchase, listing: elsewhere })
  })
}

function onPlatform(listing: WorldListing, action: Exclude<BuyerAction, { kind: 'hold' }>): string | null {
  const { ref, simulator, carts } = listing
  const { listings } = simulator
  switch (action.kind) {
    case 'buy':
      return purchase(listing, action.tickets)
    case 'buy-or-wait':
      return listing.requireApproval ? purchase(listing, action.tickets) : listings.sellOrWait(ref, action.tickets)
    case 'open-cart': {
      const cart = listings.openCart(ref, action.tickets)
      if (cart !== null) carts.push({ orderId: cart, tickets: action.tickets })
      return cart
    }
    case 'complete-cart': {
      const cart = carts.shift()
      const completed = cart && ifPossible(() => listings.completeCart(ref, cart.orderId))
      return completed ? ordered(listing, { ...cart, orderId: completed }) : null
    }
    case 'cancel-order':
    case 'change-order':
    case 'cancel-ticket':
    case 'transfer-order': {
      const orders = listings.truth(ref).orders.filter(({ tickets }) => tickets > 0)
      const order = orders[Math.floor(action.order * orders.length)]
      if (!order) return null
      const { orderId, tickets } = order
      if (action.kind === 'change-order') listings.touch(ref, orderId)
      else if (action.kind === 'cancel-ticket') listings.cancelTicket(ref, orderId)
      else listings.cancel(ref, orderId)
      return action.kind === 'transfer-order' ? purchase(listing, tickets) : orderId
    }
  }
}

/** Or an application, where the organizer approves each buyer. */
function purchase(listing: WorldListing, tickets: number): string | null {
  const { ref, simulator, requireApproval } = listing
  const { applications } = simulator.listings
  const orderId = requireApproval ? applications?.apply(ref, tickets) : simulator.listings.sell(ref, tickets)
  return typeof orderId === 'string' ? ordered(listing, { orderId, tickets }) : null
}

function ordered({ requireApproval, applicants }: WorldListing, order: OpenOrder): string {
  if (requireApproval) applicants.push(order)
  return order.orderId
}

/** No checkout stays open for ever. */
export function completeCarts(world: World): void {
  for (const listing of world.listings) {
    while (listing.carts.length > 0) buy(world, { kind: 'complete-cart', listing: listing.index })
  }
}

/** A cart may have expired. */
function ifPossible(work: () => string | null): string | null {
  try {
    return work()
  } catch {
    return null
  }
}

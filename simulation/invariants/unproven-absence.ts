import type { OrderRow } from '../../src/adapters/memory/rows.js'
import { isMassAbsence } from '../../src/reconciliation/orders/absence-rule.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'

/**
 * Recorded orders that Luma does not know any more, where guests who cancel vanish. If they are most of a listing's orders,
 * a wrong response would appear the same: nothing is corrected, and a person decides.
 */
export function ordersLeftToStaff(world: World, listing: WorldListing): OrderRow[] {
  const { selfCancelShape } = world.platforms.luma.toggles.current
  if (listing.platform !== 'LUMA' || selfCancelShape !== 'vanishes') return []
  const recorded = world.database.orders.whereKey(
    null,
    'channelId',
    listing.channelId,
    ({ state }) => state === 'PLACED',
  )
  const there = new Map(world.truthOf(listing).orders.map(({ orderId, tickets }) => [orderId, tickets]))
  const absent = recorded.filter(({ externalOrderId }) => externalOrderId !== null && !there.get(externalOrderId))
  return isMassAbsence(absent.length, recorded.length) ? absent : []
}

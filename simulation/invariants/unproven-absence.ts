import type { OrderRow } from '../../src/adapters/memory/rows.js'
import { isMassAbsence } from '../../src/reconciliation/orders/absence-rule.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'

/**
 * Recorded orders that the platform does not know any more, as Luma's guests who cancel may vanish. If they are most of a
 * listing's orders, a wrong response would look the same: nothing is corrected, and a person decides.
 */
export function ordersLeftToStaff(world: World, listing: WorldListing): OrderRow[] {
  const recorded = world.database.orders.whereKey(
    null,
    'channelId',
    listing.channelId,
    ({ state }) => state === 'PLACED',
  )
  const known = new Set(world.truthOf(listing).orders.map(({ orderId }) => orderId))
  const absent = recorded.filter(({ externalOrderId }) => externalOrderId !== null && !known.has(externalOrderId))
  return isMassAbsence(absent.length, recorded.length) ? absent : []
}

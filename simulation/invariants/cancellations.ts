import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** I3: a ticket is recorded as cancelled only if it was: a list that omits its order does not show that. */
export const cancellationInvariant: Invariant = (world) => {
  const { database } = world
  const cancelled = new Set(
    database.tickets.where(null, ({ state }) => state === 'CANCELLED').map((row) => row.orderId),
  )
  if (cancelled.size === 0) return []
  return world.listings.flatMap((listing) => {
    const live = new Map(world.truthOf(listing).orders.map(({ orderId, tickets }) => [orderId, tickets]))
    return database.orders
      .whereKey(null, 'channelId', listing.channelId, ({ id }) => cancelled.has(id))
      .flatMap(({ externalOrderId, quantity }) => {
        const sold = live.get(externalOrderId ?? '') ?? 0
        if (sold <= quantity) return []
        const name = `order ${externalOrderId} of ${listing.platform} listing ${listing.index}`
        return [violation('I3', `${name} has ${sold} tickets, of which ${sold - quantity} are recorded as cancelled`)]
      })
  })
}

import type { World } from '../world/world.js'

/** The listings of a world as they are and as they are recorded, one line each; and the balances of the events. */
export function stateOf(world: World): string[] {
  const listings = world.listings.map((listing) => {
    const channel = world.database.channels.get(null, listing.channelId)
    const { orders: _orders, ...truth } = world.truthOf(listing)
    return `${listing.platform} listing ${listing.index}: ${JSON.stringify(truth)} ${JSON.stringify(channel)}`
  })
  const events = world.events.map(({ id }) => `${id}: ${JSON.stringify(world.balancesOf(id))}`)
  const { reconciliationRuns, reconciliationItems, alerts } = world.database
  const found = [...reconciliationRuns.where(null), ...reconciliationItems.where(null), ...alerts.where(null)]
  return [...listings, ...events, ...found.map((row) => JSON.stringify(row))]
}

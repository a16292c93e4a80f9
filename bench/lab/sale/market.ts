import { EventCreation } from '../../../src/events/event-creation.js'
import { API_PLATFORMS, type ApiPlatform } from '../../../src/domain/channel.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'
import { OPERATOR } from '../../../simulation/actors/staff.js'
import type { WorldListing } from '../../../simulation/world/listings.js'
import type { World } from '../../../simulation/world/world.js'
import { sharesOf, type Shares } from '../demand/families.js'
import type { Trace } from '../demand/trace.js'

const DAY_MS = 86_400_000
const EARLIER_MS = 14 * DAY_MS
/** How long the first caps may take, ms: the event starts that much after the end of the sale at most. */
const OPENING_LIMIT_MS = 300_000
const CHECK_MS = 1_000

/** The listings of a trace, and what was sold there before the sale. */
export interface Market {
  listings: ReadonlyMap<ApiPlatform, WorldListing>
  /** Tickets, by platform. */
  soldBefore: Shares
  /** Of the event: the pool of the trace and what was sold before. */
  capacity: number
}

/** Creates the listings. `cap`: the organizer's own, above what is sold already. Earlier sales take place before it returns. */
export async function createMarket(world: World, trace: Trace, cap: number): Promise<Market> {
  const { earlier } = trace
  const earlierTickets = earlier?.orders.reduce((sum, { size }) => sum + size, 0) ?? 0
  const soldBefore = sharesOf((platform) => (earlier?.platform === platform ? earlierTickets : 0))
  const listings = new Map<ApiPlatform, WorldListing>()
  for (const platform of API_PLATFORMS) {
    const simulator = world.simulators[platform]
    const ref = simulator.listings.create({ capacity: cap + soldBefore[platform], part: 'event', ticketTypes: 1 })
    const place = { index: world.listings.length, eventId: '', channelId: '', excused: false }
    const buyers = { carts: [], requireApproval: false, applicants: [] }
    const connectionId = environmentConnectionId(platform)
    listings.set(platform, { ...place, ...buyers, platform, connectionId, simulator, ref })
  }
  const listing = earlier && listings.get(earlier.platform)
  if (listing) {
    for (const { beforeMs, size } of earlier.orders)
      world.time.after(EARLIER_MS - beforeMs, () => void listing.simulator.listings.sell(listing.ref, size))
    await world.time.run(EARLIER_MS)
  }
  return { listings, soldBefore, capacity: trace.pool + earlierTickets }
}

/** Creates the event in the service, and waits until its caps are in force on every platform. */
export async function attach(world: World, trace: Trace, market: Market, weights: Shares): Promise<void> {
  const [process] = world.processes.ready()
  if (!process) throw new Error('no process runs')
  const created = process.get(EventCreation).create(
    {
      name: trace.family,
      timezone: 'Europe/Berlin',
      startsAt: new Date(world.time.ms() + OPENING_LIMIT_MS + trace.duration).toISOString(),
      capacity: market.capacity,
      directWeight: 0,
      // The whole capacity is for sale, to the last ticket.
      safetyStockRatio: 0,
      softCapRatio: 1,
      channels: [...market.listings.values()].map(({ platform, ref }) => ({
        platform,
        weight: weights[platform],
        externalEventId: ref.eventId,
      })),
    },
    OPERATOR,
  )
  const { id, channels } = await world.time.until(created, OPENING_LIMIT_MS)
  world.events.push({ id, excused: false, changedManually: false })
  for (const listing of market.listings.values()) {
    const channel = channels.find(({ platform }) => platform === listing.platform)
    if (!channel) throw new Error(`no channel on ${listing.platform}`)
    world.listings.push(Object.assign(listing, { eventId: id, channelId: channel.id }))
  }
  for (let waited = 0; !world.listings.every((listing) => isInForce(world, listing)); waited += CHECK_MS) {
    if (waited >= OPENING_LIMIT_MS) throw new Error('the first caps are not in force')
    await world.time.run(CHECK_MS)
  }
}

/** A channel whose share is less than one ticket stays closed. */
function isInForce(world: World, { channelId }: WorldListing): boolean {
  const channel = world.database.channels.get(null, channelId)
  if (!channel?.importedAt || channel.confirmedMode !== channel.desiredMode) return false
  return channel.desiredMode !== 'OPEN' || channel.confirmedCap === channel.desiredCap
}

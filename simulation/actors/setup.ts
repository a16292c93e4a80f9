import { ConnectionLoader } from '../../src/connections/connection-loader.js'
import { EventCreation } from '../../src/events/event-creation.js'
import type { EventPlan, ListingPlan } from '../scenario/actions.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import { chartOf } from './direct-buyers.js'
import { OPERATOR } from './staff.js'

const DAY_MS = 86_400_000

/** Creates the listings on the platforms, with what was sold there before, then the events in the service. */
export async function setUp(world: World): Promise<void> {
  if (world.connections.hasAdded) await addConnections(world)
  for (const plan of world.scenario.events) await createEvent(world, plan)
}

async function addConnections(world: World): Promise<void> {
  await world.connections.add(world.processes.any())
  for (const process of world.processes.ready()) await process.get(ConnectionLoader).load()
}

async function createEvent(world: World, plan: EventPlan): Promise<void> {
  const listed = plan.listings.map((listing) => ({ ...createListing(world, listing), plan: listing }))
  const [process] = world.processes.ready()
  if (!process) throw new Error('no process runs')
  const { id } = await process.get(EventCreation).create(
    {
      name: `Event ${world.events.length}`,
      timezone: 'Europe/Berlin',
      startsAt: new Date(world.time.ms() + 14 * DAY_MS).toISOString(),
      capacity: plan.capacity,
      directWeight: plan.directWeight,
      ...(plan.priceCents === undefined ? {} : { priceCents: plan.priceCents, currency: 'EUR' }),
      maxHeldPerCustomer: plan.maxHeldPerCustomer ?? null,
      ...(plan.waitlistPolicy === undefined ? {} : { waitlistPolicy: plan.waitlistPolicy }),
      ...(plan.seats === undefined ? {} : { seats: chartOf(plan.seats) }),
      channels: [
        ...listed.map(({ ref, connectionId, plan: { platform, weight } }) => ({
          platform,
          connectionId,
          weight,
          externalEventId: ref.eventId,
          ...(ref.ticketTypeId === null ? {} : { externalTicketClassId: ref.ticketTypeId }),
        })),
        ...(plan.manualWeights ?? []).map((weight, index) => ({
          platform: 'MANUAL' as const,
          weight,
          externalEventId: `list ${world.manualListings.length + index}`,
        })),
      ],
    },
    OPERATOR,
  )
  const channels = world.database.channels.where(null, ({ eventId }) => eventId === id)
  for (const { ref, connectionId, plan: listing, simulator } of listed) {
    const channel = channels.find((row) => row.platform === listing.platform && row.externalEventId === ref.eventId)
    if (!channel) throw new Error(`no channel for ${listing.platform} ${ref.eventId}`)
    world.listings.push({
      index: world.listings.length,
      eventId: id,
      channelId: channel.id,
      platform: listing.platform,
      connectionId,
      simulator,
      ref,
      excused: false,
      carts: [],
      requireApproval: listing.requireApproval ?? false,
      applicants: [],
    })
  }
  for (const channel of channels.filter(({ platform }) => platform === 'MANUAL')) world.addManualListing(id, channel.id)
  const found = plan.listings.reduce((sum, { capacity }) => sum + (capacity ?? Infinity), 0)
  // What the listings could sell before the service limits them may exceed the capacity.
  const excused = found > plan.capacity - Math.ceil(plan.capacity * 0.1)
  world.events.push({ id, excused, changedManually: false })
}

export function createListing(
  world: World,
  plan: ListingPlan,
): Pick<WorldListing, 'ref' | 'simulator' | 'connectionId'> {
  const simulator = world.simulators[plan.platform]
  const { listings } = simulator
  const { capacity, requireApproval = false } = plan
  const ref = listings.create({ capacity, part: 'event', ticketTypes: 1, requireApproval })
  for (let sold = 0; sold < plan.alreadySold; sold++) {
    if (requireApproval) listings.applications?.approve(ref, listings.applications.apply(ref, 1) ?? '')
    else listings.sell(ref, 1)
  }
  return { ref, simulator, connectionId: world.connections.idOf(plan.platform, plan.onSecondConnection ?? false) }
}

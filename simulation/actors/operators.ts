import { ChannelCommands } from '../../src/channel-commands/channel-commands.js'
import { EventChanges } from '../../src/events/event-changes.js'
import { EventStates } from '../../src/events/event-states.js'
import { FailSafeService } from '../../src/fail-safe/fail-safe.service.js'
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js'
import type { WaitlistEntryRow } from '../../src/adapters/memory/rows.js'
import { Waitlist } from '../../src/waitlist/waitlist.js'
import { isQueued } from '../../src/waitlist/waitlist-store.js'
import { WaitlistOffers } from '../../src/waitlist/waitlist-offers.js'
import { LISTING_ACTIONS, type ListingAction, type OperatorAction } from '../scenario/actions.js'
import type { ServiceProcess } from '../world/service-process.js'
import type { World } from '../world/world.js'
import { cancelDirectOrder } from './order-cancellations.js'
import { OPERATOR } from './staff.js'
import { changeListings } from './listing-changes.js'
import { releaseSafetyStock, sellSafetyStock } from './safety-stock.js'
import { untilDone } from './until-done.js'

/** After the start of the calm, ms. */
const RECONCILE_AFTER_MS = 30_000
const ACTOR = { id: OPERATOR.id, name: OPERATOR.email }

/** What operators do. A command that the service refuses or cannot carry out is not repeated, but cancellations are. */
export function operate(world: World, action: OperatorAction): void {
  if (action.kind === 'set-platform-cap') {
    setPlatformCap(world, action)
    return
  }
  if (action.kind === 'cancel-direct-order') {
    cancelDirectOrder(world, action)
    return
  }
  if (action.kind === 'replace-credentials') {
    const { platform } = action
    world.background(untilDone(world, (process) => world.connections.replace(process, platform)))
    return
  }
  if (isListingAction(action)) {
    changeListings(world, action)
    return
  }
  const [process] = world.processes.ready()
  const run = process ? command(world, process, action) : Promise.reject(new Error('no process runs'))
  world.background(
    run.then(
      () => world.trace.add(`${action.kind}: done`),
      (error: unknown) => world.trace.add(`${action.kind}: ${String(error)}`),
    ),
  )
}

/** What ends a run: a forced fail-safe mode is released, and the nightly reconciliation takes place. */
export async function settle(world: World): Promise<void> {
  await untilDone(world, (process) => process.get(FailSafeService).clear('the scenario has ended', ACTOR))
  await world.time.sleep(RECONCILE_AFTER_MS)
  await untilDone(world, (process) => process.get(ReconciliationService).start({ trigger: 'NIGHTLY' }))
}

/** On the platform, past the service. It may refuse the change. */
function setPlatformCap(world: World, { listing: index, change }: { listing: number; change: number }): void {
  const listing = world.listings[index]
  if (!listing) return
  const { capacity, sold, carts } = world.truthOf(listing)
  if (capacity === null) return
  // Some platforms accept no cap below what is sold or in carts.
  const cap = Math.max(1, sold + carts, capacity + change)
  const name = `cap of ${listing.platform} listing ${listing.index}`
  try {
    listing.simulator.listings.setCapacity(listing.ref, cap)
  } catch (error) {
    world.trace.add(`${name} not set to ${cap} manually: ${String(error)}`)
    return
  }
  world.changed(listing.platform)
  world.excuse(listing)
  world.trace.add(`${name} set to ${cap} manually`)
}

async function command(
  world: World,
  process: ServiceProcess,
  action: Exclude<
    OperatorAction,
    ListingAction | { kind: 'set-platform-cap' | 'cancel-direct-order' | 'replace-credentials' }
  >,
): Promise<unknown> {
  switch (action.kind) {
    case 'pause-channel':
    case 'resume-channel': {
      const listing = world.listings[action.listing]
      const paused = action.kind === 'pause-channel'
      return listing && process.get(ChannelCommands).pause(listing.eventId, listing.channelId, paused, OPERATOR)
    }
    case 'pause-event':
      return process.get(EventStates).change(idOf(world, action.event), 'pause', OPERATOR)
    case 'resume-event':
      return process.get(EventStates).change(idOf(world, action.event), 'resume', OPERATOR)
    case 'reopen-event':
      return process.get(EventStates).change(idOf(world, action.event), 'reopen', OPERATOR)
    case 'change-capacity':
      world.excuseUncapped(idOf(world, action.event), action.to)
      return process.get(EventChanges).change(idOf(world, action.event), { capacity: action.to }, OPERATOR)
    case 'force-fail-safe':
      return process.get(FailSafeService).force('by the scenario', ACTOR)
    case 'release-fail-safe':
      return process.get(FailSafeService).clear('by the scenario', ACTOR)
    case 'offer-to-entry': {
      const entry = queuedEntry(world, action.entry)
      return entry && process.get(WaitlistOffers).offer(entry.id, OPERATOR, action.ttlSeconds)
    }
    case 'remove-entry': {
      const entry = queuedEntry(world, action.entry)
      return entry && process.get(Waitlist).remove(entry.eventId, entry.id, OPERATOR)
    }
    case 'move-entry': {
      const entry = queuedEntry(world, action.entry)
      return entry && process.get(Waitlist).move(entry.eventId, entry.id, action.position, OPERATOR)
    }
    case 'sell-safety-stock':
      return sellSafetyStock(process, idOf(world, action.event), action.quantity)
    case 'release-safety-stock':
      return releaseSafetyStock(world, process, action)
    case 'reconcile':
      return process.get(ReconciliationService).start({ trigger: 'OPERATOR' })
  }
}

const isListingAction = (action: OperatorAction): action is ListingAction =>
  (LISTING_ACTIONS as readonly OperatorAction['kind'][]).includes(action.kind)

/** Undefined: there is none. */
function queuedEntry(world: World, position: number): WaitlistEntryRow | undefined {
  const queued = world.database.waitlistEntries.where(null, isQueued)
  return queued[Math.floor(position * queued.length)]
}

function idOf(world: World, event: number): string {
  const known = world.events[event]
  if (!known) throw new Error(`the scenario has no event ${event}`)
  return known.id
}

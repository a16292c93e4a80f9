import type { ChannelRow } from '../../src/adapters/memory/rows.js'
import { LIVE_HOLD_STATES } from '../../src/domain/hold.js'
import { sold, unitsOf } from '../../src/domain/stock/ledger-account.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import { isCapOff } from './cap-off.js'
import { doorProblems } from './check-ins.js'
import { manualListingProblems } from './manual-listings.js'
import { unsettledPayments } from './payments.js'
import { ordersLeftToStaff } from './unproven-absence.js'
import { violation, type Violation } from './violation.js'

/**
 * What must hold once nothing fails any more, some time after: the mode is normal, every listing is sold, capped and open as
 * recorded and desired, no write and no operation is unconfirmed, no delivery waits, and a reconciliation has succeeded.
 */
export function unconverged(world: World): Violation[] {
  const { database, redis } = world
  const mode = database.systemMode.where(null)[0]
  const modeProblems = mode?.mode === 'NORMAL' ? [] : [`the mode is ${mode?.mode}: ${mode?.reason}`]
  const gates = world.events.flatMap(({ id }) => {
    const gate = redis.gateOf(id)
    return gate && gate.pending > 0 ? [`${id}: ${gate.pending} operations are pending in the gate`] : []
  })
  const inbox = database.inbox.where(null, ({ drainedAt }) => drainedAt === null).length
  const problems = [
    ...modeProblems,
    ...gates,
    ...reconciliationProblems(world),
    ...liveHolds(world),
    ...unsettledPayments(world),
    ...doorProblems(world),
    ...(inbox > 0 ? [`${inbox} deliveries wait in the inbox`] : []),
    ...world.listings.flatMap((listing) => problemsOf(world, listing)),
    ...manualListingProblems(world),
  ]
  return problems.map((problem) => violation('CONVERGENCE', problem))
}

/** Buyers have confirmed or released theirs, and every other one expires. */
function liveHolds({ database }: World): string[] {
  return LIVE_HOLD_STATES.flatMap((state) =>
    database.holds.whereKey(null, 'state', state).map(({ id }) => `hold ${id} is ${state}`),
  )
}

/** The run in the calm; undefined: it has not started. */
export function nightlyRun({ database }: World) {
  return database.reconciliationRuns.where(null, ({ trigger }) => trigger === 'NIGHTLY').at(-1)
}

/** The run in the calm ends, and compares every channel: nothing fails any more, and its budget is not spent by others. */
function reconciliationProblems(world: World): string[] {
  const nightly = nightlyRun(world)
  if (!nightly) return ['the reconciliation has not started']
  if (nightly.state !== 'SUCCEEDED') return [`the reconciliation is ${nightly.state}: ${nightly.reason}`]
  const isExcused = (listing: WorldListing) =>
    world.connections.isRefused(listing.connectionId) ||
    ordersLeftToStaff(world, listing).length > 0 ||
    wasImportedAfter(world, listing, nightly.startedAt)
  return world.database.reconciliationItems
    .where(null, ({ runId, kind }) => runId === nightly.id && kind === 'UNREADABLE')
    .filter(({ eventId, channel }) => {
      const named = world.listings.filter((one) => one.eventId === eventId && one.platform === channel)
      return !named.some(isExcused)
    })
    .map(({ channel, detail }) => `${channel} was not reconciled: ${detail}`)
}

/** A small budget may still pay for the imports of others when the run visits all events. */
function wasImportedAfter({ database }: World, { channelId }: WorldListing, startedAt: Date): boolean {
  const importedAt = database.channels.get(null, channelId)?.importedAt ?? null
  return importedAt !== null && importedAt > startedAt
}

/** Seats in carts that expire are free again without notice; the platform sells them under the cap in force. */
const countedAsSoldOut = ({ platformSold, pendingTickets, confirmedCap }: ChannelRow) =>
  confirmedCap !== null && (platformSold ?? 0) + pendingTickets >= confirmedCap

function problemsOf(world: World, listing: WorldListing): string[] {
  const channel = world.database.channels.get(null, listing.channelId)
  if (!channel) return [`listing ${listing.index} has no channel`]
  // What happens there later is not read any more.
  if (channel.detachedAt !== null || world.connections.isRefused(listing.connectionId)) return []
  const truth = world.truthOf(listing)
  const undecided = ordersLeftToStaff(world, listing).reduce((sum, { quantity }) => sum + quantity, 0)
  const counted = unitsOf(world.balancesOf(channel.eventId), sold(channel)) - undecided
  const { confirmedCap, desiredCap, confirmedMode, desiredMode, pausedSince } = channel
  // An unpaid RSVP is a taken seat to Meetup's own count, and is recorded as an order.
  const sales = listing.platform === 'MEETUP' ? truth.sold + truth.carts : truth.sold
  const isSoldOut = truth.capacity !== null && truth.sold + truth.carts >= truth.capacity
  const isOpen = desiredMode === 'OPEN' && pausedSince === null
  const expected = isOpen ? 'OPEN' : 'WAITLIST_ONLY'
  const problems = [
    counted === sales ? null : `${counted} sold are recorded, ${sales} are sold there`,
    channel.importedAt === null ? 'it was never imported' : null,
    // Carts that stay open may still be completed.
    channel.detachRequestedAt === null || truth.carts > 0 ? null : 'it is still being detached',
    channel.unconfirmedCap === null ? null : `a write of ${channel.unconfirmedCap} is unconfirmed`,
    confirmedMode === expected || isSoldOut || countedAsSoldOut(channel)
      ? null
      : `its mode is ${confirmedMode}, it should be ${expected}`,
    channel.needsSweepSince === null ? null : 'its sales since an outage are not read',
    channel.syncError === null ? null : channel.syncError,
    isOpen && isCapOff(world, channel) ? `its cap is ${confirmedCap}, it should be ${desiredCap}` : null,
    isOpen && truth.capacity !== confirmedCap
      ? `its cap is ${truth.capacity} there, ${confirmedCap} is recorded`
      : null,
  ]
  const name = `${listing.platform} listing ${listing.index}`
  return problems.filter((problem) => problem !== null).map((problem) => `${name}: ${problem}`)
}

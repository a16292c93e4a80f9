import type { ChannelRow } from '../../src/adapters/memory/rows.js'
import { sold, unitsOf } from '../../src/domain/stock/ledger-account.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { operationsMs } from './progress.js'
import { violation } from './violation.js'

/** A closing costs one to three calls; at a platform's real limit, and with some calls lost, it lands within this, ms. */
const BOUND_MS = 120_000

/**
 * A listing that should be closed is closed within a bound of the time during which its platform responds and a process
 * runs that reaches PostgreSQL.
 */
export function closingInvariant(): Invariant {
  const openMs = new Map<string, number>()
  /** Of each closed listing: how many webhooks its platform had lost by then. */
  const lostBefore = new Map<string, number>()
  let checkedAt: number | null = null
  return (world) => {
    const now = world.time.ms()
    const passed = checkedAt === null ? 0 : now - checkedAt
    checkedAt = now
    if (passed === 0) return []
    const failSafe = world.database.systemMode.where(null)[0]?.mode === 'FAIL_SAFE'
    return world.listings.flatMap((listing) => {
      const channel = world.database.channels.get(null, listing.channelId)
      if (!channel || channel.importedAt === null || channel.detachedAt !== null) return []
      const shouldBeClosed = failSafe || channel.desiredMode === 'WAITLIST_ONLY' || channel.pausedSince !== null
      const { lost } = listing.simulator.deliveries
      const closed = shouldBeClosed && isClosed(world, listing, channel, failSafe)
      if (closed || !shouldBeClosed) lostBefore.set(listing.channelId, lost)
      const mayKnow = lost === lostBefore.get(listing.channelId) || !awaitsSweep(world, listing, channel)
      if (!shouldBeClosed || closed || !mayKnow) {
        openMs.delete(listing.channelId)
        return []
      }
      if (!world.isReachable(listing.platform) || world.connections.isRefused(listing.connectionId)) return []
      const total = (openMs.get(listing.channelId) ?? 0) + passed
      openMs.set(listing.channelId, total)
      const boundMs = boundOf(world, listing)
      if (total - passed > boundMs || total <= boundMs) return []
      return [
        violation(
          'CLOSING',
          `${listing.platform} listing ${listing.index} is open ${total} ms after it should be closed`,
        ),
      ]
    })
  }
}

/** Where the scenario has a lower limit, a cancellation that opens a closed listing again is read later, too. */
function boundOf(world: World, listing: WorldListing): number {
  const isLow = world.scenario.limits?.[listing.platform] !== undefined
  return isLow ? Math.max(BOUND_MS, operationsMs(world, listing)) : BOUND_MS
}

/**
 * No platform accepts a cap of 0: one that can only limit its sales may sell a first ticket. In fail-safe mode nothing is
 * read: tickets that are cancelled after a closing was confirmed may be sold again under the same cap, and a cap that was
 * raised manually after it stays.
 */
function isClosed(world: World, listing: WorldListing, channel: ChannelRow, failSafe: boolean): boolean {
  const { onSale, capacity, sold: taken } = world.truthOf(listing)
  if (!onSale) return true
  const isConfirmed = channel.confirmedMode === 'WAITLIST_ONLY'
  if (failSafe && isConfirmed && (listing.excused || channel.confirmedCap === capacity)) return true
  return capacity !== null && capacity <= Math.max(1, taken)
}

/**
 * A cancellation whose webhook was lost since the listing was closed opens a full one again, which the service cannot know
 * before the next sweep: as recorded, all tickets of its cap are sold.
 */
function awaitsSweep(world: World, listing: WorldListing, channel: ChannelRow): boolean {
  if (channel.confirmedMode !== 'WAITLIST_ONLY' || channel.confirmedCap !== world.truthOf(listing).capacity)
    return false
  const recorded = unitsOf(world.balancesOf(channel.eventId), sold(channel))
  const nextSweepAt = world.database.sweeps.get(null, channel.id)?.nextSweepAt
  if (channel.confirmedCap === null || recorded < channel.confirmedCap) return false
  return nextSweepAt !== undefined && nextSweepAt !== null && nextSweepAt.getTime() > world.time.ms()
}

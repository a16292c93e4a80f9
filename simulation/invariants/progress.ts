import type { ChannelRow } from '../../src/adapters/memory/rows.js'
import { channelStateOf, permitted } from '../../src/channels/channel-state.js'
import { readingDue } from '../../src/channels/reading/due-reading.js'
import { freeFor } from '../../src/domain/caps/follow-exposure.js'
import { nextWrite } from '../../src/domain/caps/next-write.js'
import { withheldOf } from '../../src/domain/caps/withheld-units.js'
import type { ApiPlatform } from '../../src/domain/channel.js'
import { rateLimitTraitsOf } from '../../src/platforms/registry.js'
import { sustainedRate } from '../../src/platforms/throttle/platform-budget.js'
import { SETTLE_MS } from '../scenario/generate-platforms.js'
import { simulatedConfig } from '../world/config.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** Units of an import or a write with all of its calls, at most: each is made once. */
const OPERATION_COST: Record<ApiPlatform, number> = { EVENTBRITE: 10, LUMA: 14, MEETUP: 60 }
/** For retries after lost calls, and readings between the writes, ms. */
const BASE_MS = 240_000
/** The same for one reading: it has no other before it. */
const READING_BASE_MS = 60_000

type Operation = 'import' | 'write' | 'count' | 'settle reading' | 'sweep'

/**
 * Every operation ends, however small the budget is: an import, a write that its units cover, a count that is due, the
 * reading that resolves a lost write, and the sweep that opens a listing after an outage are done within the time in which
 * their platform's limit pays for one operation of each listing there, twice. Only time counts in which everything
 * responds. Operations that wait are served in order: none waits longer than all of them together take.
 */
export function progressInvariant(): Invariant {
  const waiting = new Map<string, { since: string; ms: number }>()
  let checkedAt: number | null = null
  return (world) => {
    const now = world.time.ms()
    const passed = checkedAt === null ? 0 : now - checkedAt
    checkedAt = now
    if (passed === 0 || world.database.systemMode.where(null)[0]?.mode !== 'NORMAL') return []
    return world.listings.flatMap((listing) => {
      const due = operationsOf(world, listing)
      const disturbed = !world.isUndisturbed(listing.platform) || world.connections.isRefused(listing.connectionId)
      return OPERATIONS.flatMap((operation) => {
        const key = `${listing.channelId} ${operation}`
        const since = due[operation]
        const before = waiting.get(key)
        if (since === undefined) waiting.delete(key)
        if (since === undefined || disturbed) return []
        const ms = before?.since === since ? before.ms + passed : 0
        waiting.set(key, { since, ms })
        const boundMs = boundOf(world, listing, operation)
        if (ms <= boundMs || ms - passed > boundMs) return []
        const name = `${listing.platform} listing ${listing.index}`
        return [violation('PROGRESS', `${name} waits for its ${operation} (${since}) for ${ms} ms`)]
      })
    })
  }
}

const OPERATIONS: readonly Operation[] = ['import', 'write', 'count', 'settle reading', 'sweep']

/** What the listing waits for, with what identifies it: another value is progress. */
function operationsOf(
  world: World,
  { channelId, eventId, platform }: WorldListing,
): Partial<Record<Operation, string>> {
  const { database } = world
  const channel = database.channels.get(null, channelId)
  const event = database.events.get(null, eventId)
  if (!channel || !event || channel.syncError !== null || channel.detachedAt !== null) return {}
  if (channel.importedAt === null) return { import: 'at all' }
  const balances = world.balancesOf(eventId)
  const rows = database.channels.whereKey(null, 'eventId', eventId, () => true)
  const others = rows.filter(({ id }) => id !== channelId).map((row) => channelStateOf(row, balances))
  const state = permitted(channelStateOf(channel, balances), false)
  const write = nextWrite(state, freeFor(balances, state, others, withheldOf(event, balances)))
  const { needsSweepSince } = channel
  return {
    ...(write.kind === 'WRITE'
      ? { write: `after ${instantOf(channel.confirmedAt)}` }
      : readingOf(world, channel, platform)),
    ...(needsSweepSince === null ? {} : { sweep: `since ${instantOf(needsSweepSince)}` }),
  }
}

/** Writes come first: they are followed by readings. */
function readingOf(world: World, channel: ChannelRow, platform: ApiPlatform): Partial<Record<Operation, string>> {
  const due = readingDue(channel, { settleMs: SETTLE_MS[platform] }, new Date(world.time.ms()))
  if (due === 'SETTLE') return { 'settle reading': `of ${instantOf(channel.unconfirmedSince)}` }
  return due === 'COUNT' ? { count: `due at ${instantOf(channel.recountAt)}` } : {}
}

const instantOf = (instant: Date | null) => instant?.toISOString() ?? 'the beginning'

function boundOf(world: World, listing: WorldListing, operation: Operation): number {
  const isReading = operation === 'count' || operation === 'settle reading'
  const isUrgent = world.database.channels.get(null, listing.channelId)?.uncountedSince !== null
  const aheadMs = operation === 'count' && !isUrgent ? orderReadsMs(world, listing) : 0
  return (isReading ? READING_BASE_MS : BASE_MS) + paidMs(world, listing) + aheadMs
}

/** A count that no unit waits for is served in order with the reads of orders that webhooks have reported, ms. */
function orderReadsMs(world: World, { platform, connectionId }: WorldListing): number {
  const listings = world.listings.filter((listing) => listing.connectionId === connectionId)
  const orders = listings.reduce((sum, listing) => sum + world.truthOf(listing).orders.length, 0)
  return orders / rateOf(world, platform)
}

/** Time in which the limit pays for one operation of each listing there, twice, with retries, ms. */
export function operationsMs(world: World, listing: WorldListing): number {
  return BASE_MS + paidMs(world, listing)
}

/** Each connection has a limit of its own. */
function paidMs(world: World, { platform, connectionId }: WorldListing): number {
  const listings = world.listings.filter((listing) => listing.connectionId === connectionId).length
  return (2 * listings * OPERATION_COST[platform]) / rateOf(world, platform)
}

/** Units per ms. */
function rateOf(world: World, platform: ApiPlatform): number {
  const limit = rateLimitTraitsOf(platform).configured(simulatedConfig(world.platforms, world.scenario.limits))
  return sustainedRate(platform, world.scenario.limits?.[platform] ?? limit)
}

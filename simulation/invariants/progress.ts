import type { ChannelRow } from '../../src/adapters/memory/rows.js'
import { channelStateOf, permitted } from '../../src/channels/channel-state.js'
import { freeFor } from '../../src/domain/caps/follow-exposure.js'
import { nextWrite } from '../../src/domain/caps/next-write.js'
import type { Platform } from '../../src/domain/channel.js'
import { traitsOf } from '../../src/platforms/registry.js'
import { sustainedRate } from '../../src/platforms/throttle/platform-budget.js'
import { simulatedConfig } from '../world/config.js'
import type { WorldListing } from '../world/listings.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** Units of an import or a write with all of its calls, at most: each is made once. */
const OPERATION_COST: Record<Platform, number> = { EVENTBRITE: 10, LUMA: 14, MEETUP: 60 }
/** For retries after lost calls, and readings between the writes, ms. */
const BASE_MS = 240_000

/**
 * Every operation ends, however small the budget is: an import, and a write that its units cover, is confirmed within the
 * time in which its platform's limit pays for one operation of each listing there, twice. Only time counts in which
 * everything responds. Operations that wait are served in order: none waits longer than all of them together take.
 */
export function progressInvariant(): Invariant {
  const waiting = new Map<string, { what: string; ms: number }>()
  let checkedAt: number | null = null
  return (world) => {
    const now = world.time.ms()
    const passed = checkedAt === null ? 0 : now - checkedAt
    checkedAt = now
    if (passed === 0 || world.database.systemMode.where(null)[0]?.mode !== 'NORMAL') return []
    return world.listings.flatMap((listing) => {
      const what = operationOf(world, listing)
      const before = waiting.get(listing.channelId)
      if (what === null) waiting.delete(listing.channelId)
      if (what === null || !world.isUndisturbed(listing.platform)) return []
      const ms = before?.what === what ? before.ms + passed : 0
      waiting.set(listing.channelId, { what, ms })
      const boundMs = operationsMs(world, listing.platform)
      if (ms <= boundMs || ms - passed > boundMs) return []
      return [violation('PROGRESS', `${listing.platform} listing ${listing.index} waits for its ${what} for ${ms} ms`)]
    })
  }
}

/** What the listing waits for; null: nothing. A confirmation is progress. */
function operationOf(world: World, { channelId, eventId }: WorldListing): string | null {
  const { database } = world
  const channel = database.channels.get(null, channelId)
  const event = database.events.get(null, eventId)
  if (!channel || !event || channel.syncError !== null) return null
  if (channel.importedAt === null) return 'import'
  const balances = world.balancesOf(eventId)
  const rows = database.channels.whereKey(null, 'eventId', eventId, () => true)
  const others = rows.filter(({ id }) => id !== channelId).map((row) => channelStateOf(row, balances))
  const state = permitted(channelStateOf(channel, balances), false)
  const write = nextWrite(state, freeFor(balances, state, others))
  return write.kind === 'WRITE' ? `write after ${lastConfirmation(channel)}` : null
}

const lastConfirmation = ({ confirmedAt }: ChannelRow) => confirmedAt?.toISOString() ?? 'none'

/** Time in which the limit pays for one operation of each listing there, twice, ms. */
export function operationsMs(world: World, platform: Platform): number {
  const listings = world.listings.filter((listing) => listing.platform === platform).length
  const limit = traitsOf(platform).rateLimit.configured(simulatedConfig(world.platforms, world.scenario.limits))
  const granted = world.scenario.limits?.[platform] ?? limit
  return BASE_MS + (2 * listings * OPERATION_COST[platform]) / sustainedRate(platform, granted)
}

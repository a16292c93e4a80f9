import { allocated, unitsOf, type Balances } from '../stock/ledger-account.js'
import { DIRECT, type ChannelRef } from '../channel.js'
import { exposure, requiredAllocation, type CapKnowledge } from './exposure.js'
import type { Posting } from '../stock/posting.js'

export type KnownChannel = CapKnowledge & ChannelRef

/** True if a platform can sell more than its allocation: no other channel may grow while this lasts. */
export function isUncovered(balances: Balances, channel: KnownChannel): boolean {
  return unitsOf(balances, allocated(channel)) < requiredAllocation(channel)
}

/** Units that no platform can sell and that are not on hold. */
export function freeUnits(balances: Balances): number {
  return balances.UNALLOCATED + balances.IN_TRANSIT
}

/**
 * Units available for growth of `channel`: none while another channel is uncovered. A channel without a cap is exempt:
 * its first cap is what bounds its exposure, and other channels depend on that. `withheld`: free units that no platform
 * may get (`withheldOf`).
 */
export function freeFor(
  balances: Balances,
  channel: KnownChannel,
  others: readonly KnownChannel[],
  withheld: number,
): number {
  const blocked = channel.confirmedCap !== null && others.some((other) => isUncovered(balances, other))
  return blocked ? 0 : freeUnits(balances) - withheld
}

/** True while any platform can sell more than its allocation, or has no cap: it may sell the free units. */
export function hasUncoveredChannel(balances: Balances, channels: readonly KnownChannel[]): boolean {
  return channels.some((channel) => isUncovered(balances, channel))
}

/** Accounts that cover oversold tickets immediately: no platform can sell these units. */
const OVERSOLD_COVER = ['UNALLOCATED', 'IN_TRANSIT', 'SAFETY', allocated(DIRECT)] as const

/**
 * Makes allocations follow exposure: units that a platform has confirmed to release are released, and exposure beyond
 * the allocation is covered as far as free units suffice. Oversold tickets are covered first, then that exposure, then
 * what platform sales borrowed from the safety stock (`borrowed` units): a unit there may be sold manually, so it must not
 * be one that a platform can sell. Released units stay IN_TRANSIT for channels with unmet growth (`unmet` units), so that
 * direct sales cannot use them in between; the remainder is free. Growth comes last: a channel whose sales are on loan could
 * not use what is kept for it.
 */
export function followPostings(
  balances: Balances,
  channels: readonly KnownChannel[],
  unmet: number,
  borrowed = 0,
): Posting[] {
  const postings: Posting[] = []
  const move = (quantity: number, from: Posting['sources'], to: Posting['destination']) => {
    if (quantity > 0) postings.push({ quantity, sources: from, destination: to })
  }
  let { UNALLOCATED: unallocated, IN_TRANSIT: inTransit } = balances
  let oversold = -balances.OVERSOLD
  const repaid = Math.min(
    oversold,
    OVERSOLD_COVER.reduce((sum, account) => sum + unitsOf(balances, account), 0),
  )
  move(repaid, OVERSOLD_COVER, 'OVERSOLD')
  oversold -= repaid
  inTransit -= Math.min(inTransit, Math.max(0, repaid - unallocated))
  unallocated -= Math.min(unallocated, repaid)
  const spare = unallocated + inTransit - oversold + sumOf(channels, (one) => surplusOf(balances, one))
  borrowed = Math.min(borrowed, Math.max(0, spare - sumOf(channels, (one) => shortfallOf(balances, one))))
  for (const channel of channels) {
    const account = allocated(channel)
    let released = surplusOf(balances, channel)
    const toOversold = Math.min(released, oversold)
    const toSafety = Math.min(released - toOversold, borrowed)
    const toTransit = Math.min(released - toOversold - toSafety, Math.max(0, unmet - inTransit))
    released -= toOversold + toSafety + toTransit
    move(toOversold, [account], 'OVERSOLD')
    move(toSafety, [account], 'SAFETY')
    move(toTransit, [account], 'IN_TRANSIT')
    move(released, [account], 'UNALLOCATED')
    oversold -= toOversold
    borrowed -= toSafety
    inTransit += toTransit
    unallocated += released
  }
  for (const channel of channels) {
    const account = allocated(channel)
    const covered = Math.min(shortfallOf(balances, channel), unallocated + inTransit)
    move(covered, ['UNALLOCATED', 'IN_TRANSIT'], account)
    inTransit -= Math.max(0, covered - unallocated)
    unallocated = Math.max(0, unallocated - covered)
  }
  const surplus = Math.max(0, inTransit - unmet)
  move(surplus, ['IN_TRANSIT'], 'UNALLOCATED')
  move(Math.min(borrowed, unallocated + inTransit), ['UNALLOCATED', 'IN_TRANSIT'], 'SAFETY')
  return postings
}

/** Units that the platform has confirmed to release. */
function surplusOf(balances: Balances, channel: KnownChannel): number {
  return Math.max(0, unitsOf(balances, allocated(channel)) - requiredAllocation(channel))
}

/** Exposure beyond the allocation; none where it is unbounded, since no number of units covers that. */
function shortfallOf(balances: Balances, channel: KnownChannel): number {
  if (exposure(channel) === Infinity) return 0
  return Math.max(0, requiredAllocation(channel) - unitsOf(balances, allocated(channel)))
}

function sumOf(channels: readonly KnownChannel[], units: (channel: KnownChannel) => number): number {
  return channels.reduce((sum, channel) => sum + units(channel), 0)
}

import { allocated, type Balances } from './ledger-account.js'
import type { Platform } from './channel.js'
import { exposure, requiredAllocation, type CapKnowledge } from './exposure.js'
import type { Posting } from './posting.js'

export type KnownChannel = CapKnowledge & { platform: Platform }

/** True when a platform can sell more than the ledger keeps for it: nobody else may grow until that has ended. */
export function isUncovered(balances: Balances, channel: KnownChannel): boolean {
  return balances[allocated(channel.platform)] < requiredAllocation(channel)
}

/** Units that no platform can sell and nobody holds. */
export function freeUnits(balances: Balances): number {
  return balances.UNALLOCATED + balances.IN_TRANSIT
}

/**
 * Units that may cover a growth of `channel`: none while another one can sell more than is kept for it. A channel
 * without a cap waits for nobody: its first cap is what bounds it, and other channels count on that.
 */
export function freeFor(balances: Balances, channel: KnownChannel, others: readonly KnownChannel[]): number {
  const blocked = channel.confirmedCap !== null && others.some((other) => isUncovered(balances, other))
  return blocked ? 0 : freeUnits(balances)
}

/** True while some platform can sell more than is kept for it, be it without a cap: what is free may be sold there. */
export function hasUncoveredChannel(balances: Balances, channels: readonly KnownChannel[]): boolean {
  return channels.some((channel) => isUncovered(balances, channel))
}

/** What pays for oversold tickets at once: no platform can sell it. */
const IN_HAND = ['UNALLOCATED', 'IN_TRANSIT', 'SAFETY', allocated('DIRECT')] as const

/**
 * Makes allocations follow exposure: what a platform has confirmed to have let go is released, what it can sell
 * beyond its allocation is covered as far as free units reach. What is oversold is paid first, then what platform
 * sales borrowed from the safety stock (`borrowed` units). Released units wait IN_TRANSIT for channels that want to
 * grow (`unmet` units), so that direct sales don't take them on the way; the rest is free.
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
  let owed = -balances.OVERSOLD
  const paid = Math.min(
    owed,
    IN_HAND.reduce((sum, account) => sum + balances[account], 0),
  )
  move(paid, IN_HAND, 'OVERSOLD')
  owed -= paid
  inTransit -= Math.min(inTransit, Math.max(0, paid - unallocated))
  unallocated -= Math.min(unallocated, paid)
  for (const channel of channels) {
    const account = allocated(channel.platform)
    let released = Math.max(0, balances[account] - requiredAllocation(channel))
    const toOwed = Math.min(released, owed)
    const toSafety = Math.min(released - toOwed, borrowed)
    const toTransit = Math.min(released - toOwed - toSafety, Math.max(0, unmet - inTransit))
    released -= toOwed + toSafety + toTransit
    move(toOwed, [account], 'OVERSOLD')
    move(toSafety, [account], 'SAFETY')
    move(toTransit, [account], 'IN_TRANSIT')
    move(released, [account], 'UNALLOCATED')
    owed -= toOwed
    borrowed -= toSafety
    inTransit += toTransit
    unallocated += released
  }
  for (const channel of channels) {
    const account = allocated(channel.platform)
    const lacking = exposure(channel) === Infinity ? 0 : Math.max(0, requiredAllocation(channel) - balances[account])
    const covered = Math.min(lacking, unallocated + inTransit)
    move(covered, ['UNALLOCATED', 'IN_TRANSIT'], account)
    inTransit -= Math.max(0, covered - unallocated)
    unallocated = Math.max(0, unallocated - covered)
  }
  const surplus = Math.max(0, inTransit - unmet)
  move(surplus, ['IN_TRANSIT'], 'UNALLOCATED')
  move(Math.min(borrowed, unallocated + surplus), ['UNALLOCATED'], 'SAFETY')
  return postings
}

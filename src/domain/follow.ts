import { allocated, type Balances } from './account.js'
import type { Platform } from './channel.js'
import { exposure, uncoveredNeed, type CapKnowledge } from './exposure.js'
import type { Leg } from './move.js'

export type KnownChannel = CapKnowledge & { platform: Platform }

/** True when a platform can sell more than the ledger keeps for it: nobody else may grow until that has ended. */
export function isUncovered(balances: Balances, channel: KnownChannel): boolean {
  return balances[allocated(channel.platform)] < uncoveredNeed(channel)
}

/** Units that no platform can sell and nobody holds. */
export function freeUnits(balances: Balances): number {
  return balances.UNALLOCATED + balances.IN_TRANSIT
}

/**
 * Makes allocations follow exposure: what a platform has confirmed to have let go is released, what it can sell
 * beyond its allocation is covered as far as free units reach. What platform sales borrowed from the safety stock
 * (`borrowed` units) is given back first. Released units wait IN_TRANSIT for channels that want to grow (`unmet`
 * units), so that direct sales don't take them on the way; the rest is free.
 */
export function followLegs(balances: Balances, channels: readonly KnownChannel[], unmet: number, borrowed = 0): Leg[] {
  const legs: Leg[] = []
  const move = (quantity: number, from: Leg['from'], to: Leg['to']) => {
    if (quantity > 0) legs.push({ quantity, from, to })
  }
  let { UNALLOCATED: unallocated, IN_TRANSIT: inTransit } = balances
  for (const channel of channels) {
    const account = allocated(channel.platform)
    let released = Math.max(0, balances[account] - uncoveredNeed(channel))
    const toSafety = Math.min(released, borrowed)
    const toTransit = Math.min(released - toSafety, Math.max(0, unmet - inTransit))
    released -= toSafety + toTransit
    move(toSafety, [account], 'SAFETY')
    move(toTransit, [account], 'IN_TRANSIT')
    move(released, [account], 'UNALLOCATED')
    borrowed -= toSafety
    inTransit += toTransit
    unallocated += released
  }
  for (const channel of channels) {
    const account = allocated(channel.platform)
    const lacking = exposure(channel) === Infinity ? 0 : Math.max(0, uncoveredNeed(channel) - balances[account])
    const covered = Math.min(lacking, unallocated + inTransit)
    move(covered, ['UNALLOCATED', 'IN_TRANSIT'], account)
    inTransit -= Math.max(0, covered - unallocated)
    unallocated = Math.max(0, unallocated - covered)
  }
  const surplus = Math.max(0, inTransit - unmet)
  move(surplus, ['IN_TRANSIT'], 'UNALLOCATED')
  move(Math.min(borrowed, unallocated + surplus), ['UNALLOCATED'], 'SAFETY')
  return legs
}

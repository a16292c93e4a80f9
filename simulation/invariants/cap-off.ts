import type { ChannelRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'

/**
 * A cap above the desired one is lowered as far as seats are not taken; one below it is raised as far as there are units. A
 * desired state that nothing is left for is no fault: it stays until there is something to move.
 */
export function isCapOff(
  world: World,
  { eventId, confirmedCap, desiredCap, platformSold, pendingTickets }: ChannelRow,
): boolean {
  if (confirmedCap === null || desiredCap === null || confirmedCap === desiredCap) return false
  const balances = world.balancesOf(eventId)
  if (confirmedCap < desiredCap) return balances.UNALLOCATED + balances.IN_TRANSIT > 0
  return confirmedCap > Math.max(1, desiredCap, (platformSold ?? 0) + pendingTickets)
}

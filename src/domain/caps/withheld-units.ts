import type { Balances } from '../stock/ledger-account.js'

/**
 * Units that an admin freed from the safety stock and that no platform gets without a release. Only unallocated ones count:
 * direct sales may use them, and so may whatever a platform can sell already.
 */
export function withheldOf(event: { withheldUnits: number }, balances: Balances): number {
  return Math.max(0, Math.min(event.withheldUnits, balances.UNALLOCATED))
}

import { capacityOf, soldTotal, type Balances } from '../stock/ledger-account.js'
import { floorShare } from '../stock/ratio.js'

/**
 * Tickets that count for the soft cap: sold, or in holds whose payment is in progress. Other holds do not: a customer
 * who lets them expire would close the platforms.
 */
export function committedTickets(balances: Balances, beingPaid: number): number {
  return soldTotal(balances) + beingPaid
}

export function softCapThreshold(softCapRatio: number, balances: Balances): number {
  return floorShare(softCapRatio, capacityOf(balances))
}

/** For the smallest events the threshold is 0; without sales the soft cap is not reached. */
export function isSoftCapReached(committed: number, threshold: number): boolean {
  return committed > 0 && committed >= threshold
}

import { capacityOf, type Balances } from '../domain/stock/ledger-account.js'
import type { Event } from '../domain/event-record.js'
import type { Posting } from '../domain/stock/posting.js'
import { ceilShare } from '../domain/stock/ratio.js'

/** A desired size; what is omitted stays. */
export interface NewSize {
  capacity?: number
  safetyStockRatio?: number
}

export interface SizeChange {
  postings: Posting[]
  /** Moves safety stock to the free units, where no platform gets it without a release. Empty: nothing is freed. */
  freeing: Posting[]
  targetCapacity: number
  withheldUnits: number
}

type CurrentSize = Pick<Event, 'targetCapacity' | 'safetyStockRatio' | 'withheldUnits'>

export function freesSafetyStock({ safetyStockRatio }: NewSize, before: CurrentSize): boolean {
  return safetyStockRatio !== undefined && safetyStockRatio < before.safetyStockRatio
}

/**
 * New units from CAPACITY cover oversold tickets before they are free; the safety stock is filled from free units. It
 * gives units up only where its ratio is lowered, which frees them, or where the capacity is, with which they leave: no
 * other change puts it on sale. `taken`: sold and held units.
 */
export function sizeChange(balances: Balances, before: CurrentSize, size: NewSize, taken: number): SizeChange {
  const targetCapacity = size.capacity ?? before.targetCapacity
  const unchanged = { postings: [], freeing: [], targetCapacity, withheldUnits: before.withheldUnits }
  if (size.capacity === undefined && size.safetyStockRatio === undefined) return unchanged
  const capacity = capacityOf(balances)
  const raise = Math.max(0, targetCapacity - capacity)
  const covered = Math.min(raise, -balances.OVERSOLD)
  const added = raise - covered
  // Where sold and held leave less than the safety stock, it is reduced, so that capacity can be lowered to them.
  const share = ceilShare(size.safetyStockRatio ?? before.safetyStockRatio, targetCapacity)
  const surplus = balances.SAFETY - Math.min(share, Math.max(0, targetCapacity - taken))
  const filled = Math.max(0, Math.min(-surplus, balances.UNALLOCATED + added))
  const freed = freesSafetyStock(size, before) ? Math.max(0, surplus) : 0
  const isDecrease = targetCapacity < before.targetCapacity
  const leaving = isDecrease && freed === 0 ? Math.max(0, Math.min(surplus, capacity - targetCapacity)) : 0
  return {
    postings: [
      ...move(covered, [], 'OVERSOLD', 'CAPACITY'),
      ...move(added, [], 'UNALLOCATED', 'CAPACITY'),
      ...move(leaving, ['SAFETY'], 'UNALLOCATED'),
      ...move(filled, ['UNALLOCATED'], 'SAFETY'),
    ],
    freeing: move(freed, ['SAFETY'], 'UNALLOCATED'),
    targetCapacity,
    // No change of the capacity lowers it: a decrease and a raise after it would put these units on sale.
    withheldUnits: Math.max(0, before.withheldUnits + freed - filled),
  }
}

function move(
  quantity: number,
  sources: Posting['sources'],
  destination: Posting['destination'],
  overflow?: Posting['overflow'],
): Posting[] {
  return quantity > 0 ? [{ quantity, sources, destination, ...(overflow ? { overflow } : {}) }] : []
}

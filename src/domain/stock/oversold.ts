import { allocatedTotal, capacityOf, sellerOf, soldTotal, type Balances } from './ledger-account.js'
import { splitPool } from './allocation.js'
import type { Movement } from './posting.js'

/** Tickets sold beyond the capacity: no seat exists for them, even if all unsold and held units are released. */
export function beyondCapacity(balances: Balances): number {
  return Math.max(0, soldTotal(balances) - capacityOf(balances))
}

/** The part of a sale for which no unit was available and that has not been covered since. */
export interface OversoldPart<M extends Movement = Movement> {
  /** The id of the channel that sold it. */
  channelId: string
  quantity: number
  movement: M
}

/**
 * Oversold parts, from all movements into and out of OVERSOLD in order. Units that a channel returns cover its own
 * oversold parts first, then the oldest ones of other channels.
 */
export function oversoldParts<M extends Movement>(movements: readonly M[]): OversoldPart<M>[] {
  const uncovered: OversoldPart<M>[] = []
  for (const movement of movements) {
    const { from, to, quantity } = movement
    const channelId = sellerOf(from === 'OVERSOLD' ? to : from)
    if (from === 'OVERSOLD') {
      if (channelId !== null) uncovered.push({ channelId, quantity, movement })
      continue
    }
    const own = uncovered.filter((part) => part.channelId === channelId)
    let left = quantity
    for (const part of [...own, ...uncovered.filter((part) => part.channelId !== channelId)]) {
      const covered = Math.min(left, part.quantity)
      part.quantity -= covered
      left -= covered
    }
  }
  return uncovered.filter(({ quantity }) => quantity > 0)
}

/** Oversold tickets by the id of the channel that sold them. */
export function oversoldBy(movements: readonly Movement[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { channelId, quantity } of oversoldParts(movements))
    sums.set(channelId, (sums.get(channelId) ?? 0) + quantity)
  return sums
}

/** True if unsold units, free or allocated to any channel, can cover all oversold tickets. */
export function isCoverable(balances: Balances): boolean {
  const { UNALLOCATED, IN_TRANSIT, SAFETY, OVERSOLD } = balances
  return UNALLOCATED + IN_TRANSIT + SAFETY + allocatedTotal(balances) + OVERSOLD >= 0
}

/**
 * How many tickets each channel may still sell so that the units reclaimed from all of them cover the oversold tickets:
 * `units` in total, split in proportion to what is `left` to each. Null: the total left does not exceed `units`.
 */
export function sellableAfterReclaim<K>(left: ReadonlyMap<K, number>, units: number): Map<K, number> | null {
  const totalLeft = [...left.values()].reduce((sum, count) => sum + count, 0)
  if (totalLeft <= units) return null
  return splitPool(
    Math.max(0, units),
    [...left].map(([key, weight]) => ({ key, weight, floor: 0 })),
  )
}

import { allocated, capacityOf, soldTotal, type Balances } from './ledger-account.js'
import { splitPool } from './allocation.js'
import { CHANNELS, type ChannelName } from './channel.js'
import type { Movement } from './posting.js'

/** Tickets sold beyond the capacity: no seat exists for them, even if all unsold and held units are released. */
export function beyondCapacity(balances: Balances): number {
  return Math.max(0, soldTotal(balances) - capacityOf(balances))
}

/** The part of a sale for which no unit was available and that has not been covered since. */
export interface OversoldPart<M extends Movement = Movement> {
  channel: ChannelName
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
    const channel = CHANNELS.find((name) => (from === 'OVERSOLD' ? to : from) === `SOLD:${name}`)
    if (from === 'OVERSOLD') {
      if (channel) uncovered.push({ channel, quantity, movement })
      continue
    }
    const own = uncovered.filter((part) => part.channel === channel)
    let left = quantity
    for (const part of [...own, ...uncovered.filter((part) => part.channel !== channel)]) {
      const covered = Math.min(left, part.quantity)
      part.quantity -= covered
      left -= covered
    }
  }
  return uncovered.filter(({ quantity }) => quantity > 0)
}

/** Oversold tickets by the channel that sold them. */
export function oversoldBy(movements: readonly Movement[]): Map<ChannelName, number> {
  const sums = new Map<ChannelName, number>()
  for (const { channel, quantity } of oversoldParts(movements)) sums.set(channel, (sums.get(channel) ?? 0) + quantity)
  return sums
}

/** True if unsold units, free or allocated to any channel, can cover all oversold tickets. */
export function isCoverable(balances: Balances): boolean {
  const { UNALLOCATED, IN_TRANSIT, SAFETY, OVERSOLD } = balances
  const unsold = CHANNELS.reduce((sum, name) => sum + balances[allocated(name)], UNALLOCATED + IN_TRANSIT + SAFETY)
  return unsold + OVERSOLD >= 0
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

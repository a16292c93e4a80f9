import { allocated, capacityOf, soldTotal, type Balances } from './ledger-account.js'
import { splitPool } from './allocation.js'
import { CHANNELS, type ChannelName } from './channel.js'
import type { Movement } from './posting.js'

/** Tickets for which there is no seat, whatever is still unsold elsewhere; held ones may yet be given back. */
export function beyondCapacity(balances: Balances): number {
  return Math.max(0, soldTotal(balances) - capacityOf(balances))
}

/** Part of a sale for which there was no unit, and that nothing has paid for yet. */
export interface OversoldPart<M extends Movement = Movement> {
  channel: ChannelName
  quantity: number
  movement: M
}

/**
 * What is oversold, from all movements into and out of OVERSOLD in their order. What a channel gives back pays for its
 * own debts first; anything else pays for the oldest.
 */
export function oversoldParts<M extends Movement>(movements: readonly M[]): OversoldPart<M>[] {
  const debts: OversoldPart<M>[] = []
  for (const movement of movements) {
    const { from, to, quantity } = movement
    const channel = CHANNELS.find((name) => (from === 'OVERSOLD' ? to : from) === `SOLD:${name}`)
    if (from === 'OVERSOLD') {
      if (channel) debts.push({ channel, quantity, movement })
      continue
    }
    const own = debts.filter((debt) => debt.channel === channel)
    let paid = quantity
    for (const debt of [...own, ...debts.filter((debt) => debt.channel !== channel)]) {
      const part = Math.min(paid, debt.quantity)
      debt.quantity -= part
      paid -= part
    }
  }
  return debts.filter(({ quantity }) => quantity > 0)
}

/** Oversold tickets by the channel that sold them. */
export function oversoldBy(movements: readonly Movement[]): Map<ChannelName, number> {
  const sums = new Map<ChannelName, number>()
  for (const { channel, quantity } of oversoldParts(movements)) sums.set(channel, (sums.get(channel) ?? 0) + quantity)
  return sums
}

/** Whether unsold units, free or at any channel, can pay for everything that is oversold. */
export function isCoverable(balances: Balances): boolean {
  const { UNALLOCATED, IN_TRANSIT, SAFETY, OVERSOLD } = balances
  const unsold = CHANNELS.reduce((sum, name) => sum + balances[allocated(name)], UNALLOCATED + IN_TRANSIT + SAFETY)
  return unsold + OVERSOLD >= 0
}

/**
 * How many tickets each channel may still sell, so that what the others let go of covers what is oversold: `units` in
 * all, shared in proportion to what is `left` to each. Null: they want no more than that.
 */
export function sellableAfterReclaim<K>(left: ReadonlyMap<K, number>, units: number): Map<K, number> | null {
  const wanted = [...left.values()].reduce((sum, count) => sum + count, 0)
  if (wanted <= units) return null
  return splitPool(
    Math.max(0, units),
    [...left].map(([key, weight]) => ({ key, weight, floor: 0 })),
  )
}

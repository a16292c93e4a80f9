import { capacityOf, soldTotal, type Balances } from './account.js'
import { splitPool } from './allocation.js'
import { CHANNELS, type ChannelName } from './channel.js'
import type { Movement } from './move.js'

/** Tickets for which there is no seat, whatever is still unsold elsewhere; held ones may yet be given back. */
export function beyondCapacity(balances: Balances): number {
  return Math.max(0, soldTotal(balances) - capacityOf(balances))
}

/**
 * Oversold tickets by the channel that sold them, from all movements into and out of OVERSOLD in their order. What a
 * channel gives back pays for its own ones first; anything else pays for the oldest.
 */
export function oversoldBy(movements: readonly Movement[]): Map<ChannelName, number> {
  const debts: { channel: ChannelName; quantity: number }[] = []
  for (const { from, to, quantity } of movements) {
    const channel = CHANNELS.find((name) => (from === 'OVERSOLD' ? to : from) === `SOLD:${name}`)
    if (from === 'OVERSOLD') {
      if (channel) debts.push({ channel, quantity })
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
  const sums = new Map<ChannelName, number>()
  for (const { channel, quantity } of debts) {
    if (quantity > 0) sums.set(channel, (sums.get(channel) ?? 0) + quantity)
  }
  return sums
}

/**
 * How many tickets each channel may still sell, so that what the others let go of covers what is oversold: `units` in
 * all, shared in proportion to what is `left` to each. Null: they want no more than that.
 */
export function leftAfterTakeBack<K>(left: ReadonlyMap<K, number>, units: number): Map<K, number> | null {
  const wanted = [...left.values()].reduce((sum, count) => sum + count, 0)
  if (wanted <= units) return null
  return splitPool(
    Math.max(0, units),
    [...left].map(([key, weight]) => ({ key, weight, floor: 0 })),
  )
}

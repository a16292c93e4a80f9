import type { Played } from './play.js'
import { mean, quantile } from './rows.js'

/** The largest pool of each group, tickets. */
const GROUPS = [100, 300, Infinity] as const

/** The policy's loss over all families by size of the pool: in a small pool one ticket is a large share. */
export interface PoolRow {
  /** Tickets of the pools: from the first to the second; null: any larger one. */
  tickets: { from: number; to: number | null }
  traces: number
  lost: { median: number; mean: number; max: number }
  /** Of the clairvoyant. */
  share: { p5: number; mean: number }
  /** What one ticket is of the mean clairvoyant sales. */
  oneTicket: number
}

export function poolRowsOf(played: readonly Played[]): PoolRow[] {
  const own = played.filter(({ policy }) => policy === 'rebalance')
  return GROUPS.flatMap((to, index) => {
    const from = (GROUPS[index - 1] ?? 0) + 1
    const group = own.filter(({ tickets }) => tickets >= from && tickets <= to)
    if (group.length === 0) return []
    const [lost, shares] = [group.map((one) => one.lost), group.map((one) => one.share)]
    const row: PoolRow = {
      tickets: { from, to: to === Infinity ? null : to },
      traces: group.length,
      lost: { median: quantile(lost, 0.5), mean: mean(lost), max: Math.max(...lost) },
      share: { p5: quantile(shares, 0.05), mean: mean(shares) },
      oneTicket: 1 / Math.max(1, mean(group.map((one) => one.sold + one.lost))),
    }
    return [row]
  })
}

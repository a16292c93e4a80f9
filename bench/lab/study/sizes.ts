import type { Family } from '../demand/families.js'
import type { Play, Played } from './play.js'
import { mean, quantile } from './rows.js'

export const SIZES = [100, 1_000, 10_000] as const
const FAMILIES_OF_SIZES: readonly Family[] = ['steady', 'opening-burst', 'jumping']

/** The loss at one size of the pool, over the same time patterns as at the others. */
export interface SizeRow {
  pool: number
  traces: number
  meanLost: number
  medianLost: number
  maxLost: number
  /** Of the clairvoyant, mean. */
  share: number
}

/** Each time pattern once at each size. */
export function sizePlays(first: number, seeds: number, families: readonly Family[]): Play[] {
  return SIZES.flatMap((pool) =>
    families
      .filter((family) => FAMILIES_OF_SIZES.includes(family))
      .flatMap((family) =>
        Array.from({ length: seeds }, (_, index): Play => ({ family, seed: first + index, policy: 'rebalance', pool })),
      ),
  )
}

export function sizeRowsOf(played: readonly Played[]): SizeRow[] {
  return SIZES.map((pool) => {
    const own = played.filter((one) => one.pool === pool)
    const lost = own.map((one) => one.lost)
    return {
      pool,
      traces: own.length,
      meanLost: mean(lost),
      medianLost: quantile(lost, 0.5),
      maxLost: Math.max(...lost),
      share: mean(own.map((one) => one.share)),
    }
  }).filter(({ traces }) => traces > 0)
}

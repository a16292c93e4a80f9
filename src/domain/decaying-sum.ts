const HOUR = 3_600_000

/** The ages, in ms, at which something counts half, from a rush to a sale over weeks: one layer each. */
export const HALF_LIVES = [60_000, 300_000, 1_500_000, 2 * HOUR, 12 * HOUR, 72 * HOUR, 336 * HOUR] as const

/**
 * A sum over time in which older parts count less, one figure per half-life. Adding parts in any order, or merging two
 * sums, gives the same figures.
 */
export interface DecayingSum {
  /** ms since the epoch; the layers are as of then. */
  at: number
  layers: readonly number[]
}

export function emptySum(at: number): DecayingSum {
  return { at, layers: HALF_LIVES.map(() => 0) }
}

/** The layers as of `now` (ms); an earlier instant than the sum's own gives the sum's own. */
export function decayed({ at, layers }: DecayingSum, now: number): readonly number[] {
  return now <= at ? layers : layers.map((figure, index) => figure * decayFactor(now - at, index))
}

/** The sum with `quantity` more that happened at `at` (ms), which may be long ago. */
export function withQuantity(sum: DecayingSum, { at, quantity }: { at: number; quantity: number }): DecayingSum {
  const now = Math.max(at, sum.at)
  const layers = decayed(sum, now).map((figure, index) => figure + quantity * decayFactor(now - at, index))
  return { at: now, layers }
}

/** The sum with the hours from `from` until `until` (ms) more; none where `until` is not after `from`. */
export function withHours(sum: DecayingSum, { from, until }: { from: number; until: number }): DecayingSum {
  if (until <= from) return sum
  const now = Math.max(until, sum.at)
  const layers = decayed(sum, now).map((figure, index) => {
    const lasting = (HALF_LIVES[index] ?? HOUR) / HOUR / Math.LN2
    return figure + lasting * (decayFactor(now - until, index) - decayFactor(now - from, index))
  })
  return { at: now, layers }
}

export function merged(sum: DecayingSum, other: DecayingSum): DecayingSum {
  const at = Math.max(sum.at, other.at)
  const added = decayed(other, at)
  return { at, layers: decayed(sum, at).map((figure, index) => figure + (added[index] ?? 0)) }
}

/** What is left of 1 after `age` ms. */
function decayFactor(age: number, index: number): number {
  return 2 ** (-age / (HALF_LIVES[index] ?? HOUR))
}

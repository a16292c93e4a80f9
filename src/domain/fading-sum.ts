const HOUR = 3_600_000

/** The ages, in ms, at which something counts half, from a rush to a sale over weeks: one layer each. */
export const HALF_LIVES = [60_000, 300_000, 1_500_000, 2 * HOUR, 12 * HOUR, 72 * HOUR, 336 * HOUR] as const

/**
 * A sum over time in which older parts count less, one figure per half-life. Adding parts in any order, or merging two
 * sums, gives the same figures.
 */
export interface FadingSum {
  /** ms since the epoch; the layers are as of then. */
  at: number
  layers: readonly number[]
}

export function emptySum(at: number): FadingSum {
  return { at, layers: HALF_LIVES.map(() => 0) }
}

/** The layers as of `now` (ms); an earlier instant than the sum's own gives the sum's own. */
export function faded({ at, layers }: FadingSum, now: number): readonly number[] {
  return now <= at ? layers : layers.map((figure, index) => figure * kept(now - at, index))
}

/** The sum with `quantity` more that happened at `at` (ms), which may be long ago. */
export function withQuantity(sum: FadingSum, { at, quantity }: { at: number; quantity: number }): FadingSum {
  const now = Math.max(at, sum.at)
  const layers = faded(sum, now).map((figure, index) => figure + quantity * kept(now - at, index))
  return { at: now, layers }
}

/** The sum with the hours from `from` until `until` (ms) more; none where `until` is not after `from`. */
export function withHours(sum: FadingSum, { from, until }: { from: number; until: number }): FadingSum {
  if (until <= from) return sum
  const now = Math.max(until, sum.at)
  const layers = faded(sum, now).map((figure, index) => {
    const lasting = (HALF_LIVES[index] ?? HOUR) / HOUR / Math.LN2
    return figure + lasting * (kept(now - until, index) - kept(now - from, index))
  })
  return { at: now, layers }
}

export function merged(sum: FadingSum, other: FadingSum): FadingSum {
  const at = Math.max(sum.at, other.at)
  const added = faded(other, at)
  return { at, layers: faded(sum, at).map((figure, index) => figure + (added[index] ?? 0)) }
}

/** What is left of 1 after `age` ms. */
function kept(age: number, index: number): number {
  return 2 ** (-age / (HALF_LIVES[index] ?? HOUR))
}

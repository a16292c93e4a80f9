const HOUR = 3_600_000

/** Half-lives in ms, one layer each: from a short rush to sales over several weeks. */
export const HALF_LIVES = [60_000, 300_000, 1_500_000, 2 * HOUR, 12 * HOUR, 72 * HOUR, 336 * HOUR] as const

/**
 * An exponentially decaying sum, one value per half-life. The result does not depend on the order in which parts are
 * added or sums are merged.
 */
export interface DecayingSum {
  /** ms since the epoch; the layers are as of this instant. */
  at: number
  layers: readonly number[]
}

export function emptySum(at: number): DecayingSum {
  return { at, layers: HALF_LIVES.map(() => 0) }
}

/** The layers decayed to `now` (ms); unchanged if `now` is before the sum's own instant. */
export function decayed({ at, layers }: DecayingSum, now: number): readonly number[] {
  return now <= at ? layers : layers.map((value, index) => value * decayFactor(now - at, index))
}

/** Adds `quantity` that occurred at `at` (ms), which may be far in the past. */
export function withQuantity(sum: DecayingSum, { at, quantity }: { at: number; quantity: number }): DecayingSum {
  const now = Math.max(at, sum.at)
  const layers = decayed(sum, now).map((value, index) => value + quantity * decayFactor(now - at, index))
  return { at: now, layers }
}

/** Adds the hours between `from` and `until` (ms); none if `until` is not after `from`. */
export function withHours(sum: DecayingSum, { from, until }: { from: number; until: number }): DecayingSum {
  if (until <= from) return sum
  const now = Math.max(until, sum.at)
  const layers = decayed(sum, now).map((value, index) => {
    const lifetimeHours = (HALF_LIVES[index] ?? HOUR) / HOUR / Math.LN2
    return value + lifetimeHours * (decayFactor(now - until, index) - decayFactor(now - from, index))
  })
  return { at: now, layers }
}

export function merged(sum: DecayingSum, other: DecayingSum): DecayingSum {
  const at = Math.max(sum.at, other.at)
  const added = decayed(other, at)
  return { at, layers: decayed(sum, at).map((value, index) => value + (added[index] ?? 0)) }
}

/** The share of 1 that remains after `age` ms. */
function decayFactor(age: number, index: number): number {
  return 2 ** (-age / (HALF_LIVES[index] ?? HOUR))
}

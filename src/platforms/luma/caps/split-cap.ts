export interface SplitPart {
  id: string
  /** Shares are proportional to the weights; null: the largest weight. */
  weight: number | null
  /** Maximum share, in tickets; null: none. */
  max: number | null
}

/** A type cannot have a cap of 0. */
const MIN_SHARE = 1

/**
 * Splits a cap over ticket types in proportion to their weights and within their limits. The shares add up to the cap, or
 * to the sum of the limits if that is less; each share is at least 1.
 */
export function splitCap(cap: number, parts: readonly SplitPart[]): Map<string, number> {
  const largest = Math.max(MIN_SHARE, ...parts.map(({ weight }) => weight ?? 0))
  const quotas = quotasWithinLimits(
    cap,
    parts.map(({ weight, max }) => ({ weight: Math.max(MIN_SHARE, weight ?? largest), max: max ?? Infinity })),
  )
  const free = Math.max(0, Math.round(sum(quotas)) - MIN_SHARE * parts.length)
  const shares = apportion(
    free,
    quotas.map((quota) => Math.max(0, quota - MIN_SHARE)),
  )
  return new Map(parts.map(({ id, max }, index) => [id, Math.min(max ?? Infinity, MIN_SHARE + (shares[index] ?? 0))]))
}

/** Fractional shares: a part that would exceed its limit gets the limit, and the others share the remainder. */
function quotasWithinLimits(cap: number, parts: { weight: number; max: number }[]): number[] {
  const full = new Set<number>()
  for (;;) {
    const remaining = cap - sum(parts.map(({ max }, index) => (full.has(index) ? max : 0)))
    const weights = sum(parts.map(({ weight }, index) => (full.has(index) ? 0 : weight)))
    const quota = (index: number, { weight, max }: { weight: number; max: number }) =>
      full.has(index) ? max : (Math.max(0, remaining) * weight) / weights
    const quotas = parts.map((part, index) => quota(index, part))
    const exceeded = parts.flatMap(({ max }, index) => (!full.has(index) && (quotas[index] ?? 0) > max ? [index] : []))
    if (exceeded.length === 0) return quotas
    for (const index of exceeded) full.add(index)
  }
}

/** Largest remainder method; equal shares if all weights are 0. */
function apportion(units: number, weights: number[]): number[] {
  const total = sum(weights)
  const quotas = weights.map((weight) => (total > 0 ? (units * weight) / total : units / weights.length))
  const shares = quotas.map(Math.floor)
  const byRemainder = quotas
    .map((quota, index) => ({ index, remainder: quota - Math.floor(quota) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index)
  for (const { index } of byRemainder.slice(0, units - sum(shares))) shares[index] = (shares[index] ?? 0) + 1
  return shares
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

export interface SplitPart {
  id: string
  /** The share is kept in proportion to these; null: as large as the largest. */
  weight: number | null
  /** The share never exceeds this, in tickets; null: any. */
  most: number | null
}

/** No type takes a cap of 0. */
const LEAST = 1

/**
 * Shares a cap out over ticket types in proportion to their weights and within their limits. The parts add up to the
 * cap, or to all limits together where those are less; each gets at least 1.
 */
export function splitCap(cap: number, parts: readonly SplitPart[]): Map<string, number> {
  const largest = Math.max(LEAST, ...parts.map(({ weight }) => weight ?? 0))
  const quotas = quotasWithin(
    cap,
    parts.map(({ weight, most }) => ({ weight: Math.max(LEAST, weight ?? largest), most: most ?? Infinity })),
  )
  const free = Math.max(0, Math.round(sum(quotas)) - LEAST * parts.length)
  const shares = apportion(
    free,
    quotas.map((quota) => Math.max(0, quota - LEAST)),
  )
  return new Map(parts.map(({ id, most }, index) => [id, Math.min(most ?? Infinity, LEAST + (shares[index] ?? 0))]))
}

/** Fractional shares: whoever would pass its limit gets that, and the others share what it leaves. */
function quotasWithin(cap: number, parts: { weight: number; most: number }[]): number[] {
  const full = new Set<number>()
  for (;;) {
    const left = cap - sum(parts.map(({ most }, index) => (full.has(index) ? most : 0)))
    const weights = sum(parts.map(({ weight }, index) => (full.has(index) ? 0 : weight)))
    const quota = (index: number, { weight, most }: { weight: number; most: number }) =>
      full.has(index) ? most : (Math.max(0, left) * weight) / weights
    const quotas = parts.map((part, index) => quota(index, part))
    const passed = parts.flatMap(({ most }, index) => (!full.has(index) && (quotas[index] ?? 0) > most ? [index] : []))
    if (passed.length === 0) return quotas
    for (const index of passed) full.add(index)
  }
}

/** Largest remainders; equal shares where nothing is wanted. */
function apportion(units: number, weights: number[]): number[] {
  const total = sum(weights)
  const quotas = weights.map((weight) => (total > 0 ? (units * weight) / total : units / weights.length))
  const shares = quotas.map(Math.floor)
  const byRemainder = quotas
    .map((quota, index) => ({ index, rest: quota - Math.floor(quota) }))
    .toSorted((a, b) => b.rest - a.rest || a.index - b.index)
  for (const { index } of byRemainder.slice(0, units - sum(shares))) shares[index] = (shares[index] ?? 0) + 1
  return shares
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

export interface SplitPart {
  id: string
  /** Seats taken: a part is never cut below them, nor below 1. */
  held: number
  /** The share is kept in proportion to these; null: as large as the largest. */
  cap: number | null
}

/**
 * Shares a cap out over ticket types so that the parts add up to it, where what is held allows: otherwise they add up
 * to more, and the cap of the whole event is what holds.
 */
export function splitCap(cap: number, parts: SplitPart[]): Map<string, number> {
  const floors = parts.map(({ held }) => Math.max(1, held))
  const free = Math.max(0, cap - sum(floors))
  const largest = Math.max(1, ...parts.map((part) => part.cap ?? 0))
  const ideals = parts.map((part) => part.cap ?? largest)
  // Shares go where the ideal share is not yet reached by what is held.
  const scale = cap / Math.max(1, sum(ideals))
  const wants = ideals.map((ideal, index) => Math.max(0, ideal * scale - (floors[index] ?? 1)))
  const shares = apportion(free, wants)
  return new Map(parts.map(({ id }, index) => [id, (floors[index] ?? 1) + (shares[index] ?? 0)]))
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

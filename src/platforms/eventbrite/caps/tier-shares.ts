import type { Listing } from '../../port.js'

type Limits = NonNullable<Listing['typeLimits']>

/** Stock of one inventory tier, from which its share of the cap is calculated. */
export interface TierStock {
  id: string
  total: number
  /** Sold and in open carts. */
  taken: number
}

/**
 * Splits an event's cap between its tiers: none below the tickets taken there, none below 1. Where the organizer's own
 * limits are recorded (`limits`), in their proportion and none above its own limit; otherwise in proportion to the
 * tickets left in each tier. Tiers in `closed` get only the tickets taken. The sum exceeds `cap` only where those
 * minimums do, and is below it only where the limits are.
 */
export function spreadOverTiers(
  cap: number,
  tiers: readonly TierStock[],
  limits: Limits | null = null,
  closed: ReadonlySet<string> = new Set(),
): Map<string, number> {
  const shares = new Map(tiers.map((tier) => [tier.id, floorOf(tier)]))
  const open = tiers.filter(({ id }) => !closed.has(id))
  const room = cap - sumOf(tiers.filter(({ id }) => closed.has(id)).map(floorOf))
  const spread = limits === null ? byTicketsLeft(room, open) : byLimits(room, open, limits)
  for (const [id, share] of spread) shares.set(id, share)
  return shares
}

function byTicketsLeft(cap: number, tiers: readonly TierStock[]): Map<string, number> {
  const room = Math.max(0, cap - sumOf(tiers.map(floorOf)))
  const parts = proportional(
    room,
    tiers.map((tier) => Math.max(0, tier.total - floorOf(tier))),
  )
  return new Map(tiers.map((tier, i) => [tier.id, floorOf(tier) + (parts[i] ?? 0)]))
}

function byLimits(cap: number, tiers: readonly TierStock[], limits: Limits): Map<string, number> {
  const shares = new Map<string, number>()
  const limitOf = (tier: TierStock) => Math.max(floorOf(tier), limits[tier.id] ?? tier.total)
  let free = [...tiers]
  // A tier that has sold more than its fair share keeps that number; each round fixes at least one tier.
  for (;;) {
    const room = Math.max(0, cap - sumOf([...shares.values()]))
    const total = sumOf(free.map(limitOf))
    const fair = (tier: TierStock) => Math.min(limitOf(tier), Math.floor((room * limitOf(tier)) / Math.max(1, total)))
    const above = free.filter((tier) => fair(tier) < floorOf(tier))
    if (above.length === 0) return fill(room, free, fair, limitOf, shares)
    for (const tier of above) shares.set(tier.id, floorOf(tier))
    free = free.filter((tier) => !above.includes(tier))
  }
}

/** Gives every tier its fair share, and distributes the rounding remainder to tiers below their limit, one each. */
function fill(
  room: number,
  tiers: readonly TierStock[],
  fair: (tier: TierStock) => number,
  limitOf: (tier: TierStock) => number,
  shares: Map<string, number>,
): Map<string, number> {
  let left = room - sumOf(tiers.map(fair))
  for (const tier of tiers) {
    const extra = left > 0 && fair(tier) < limitOf(tier) ? 1 : 0
    left -= extra
    shares.set(tier.id, fair(tier) + extra)
  }
  return shares
}

/** Splits `room` into whole parts by weight, or equally if all weights are 0. Cumulative rounding: the sum is exact. */
function proportional(room: number, weights: readonly number[]): number[] {
  const total = sumOf(weights)
  let weightSoFar = 0
  let partsSoFar = 0
  return weights.map((weight, i) => {
    weightSoFar += total === 0 ? 1 / weights.length : weight / total
    const part = i === weights.length - 1 ? room - partsSoFar : Math.round(room * weightSoFar) - partsSoFar
    partsSoFar += part
    return part
  })
}

function floorOf({ taken }: TierStock): number {
  return Math.max(1, taken)
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}

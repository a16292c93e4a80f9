import type { Listing } from '../port.js'

type Limits = NonNullable<Listing['typeLimits']>

/** What a share of the cap is reckoned from, for one inventory tier. */
export interface TierStock {
  id: string
  total: number
  /** Sold and in open carts. */
  taken: number
}

/**
 * Divides an event's cap among its tiers: none below what is taken there, none below 1. By the organizer's own limits
 * where they are on record (`limits`): in their proportion, and none above its own. Else in proportion to the room that
 * tiers have now. Tiers in `closed` get no more than what is taken. The sum exceeds `cap` only where those floors do,
 * and falls short of it only where the limits do.
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
  const spread = limits === null ? byRoom(room, open) : byLimits(room, open, limits)
  for (const [id, share] of spread) shares.set(id, share)
  return shares
}

function byRoom(cap: number, tiers: readonly TierStock[]): Map<string, number> {
  const room = Math.max(0, cap - sumOf(tiers.map(floorOf)))
  const given = proportional(
    room,
    tiers.map((tier) => Math.max(0, tier.total - floorOf(tier))),
  )
  return new Map(tiers.map((tier, i) => [tier.id, floorOf(tier) + (given[i] ?? 0)]))
}

function byLimits(cap: number, tiers: readonly TierStock[], limits: Limits): Map<string, number> {
  const shares = new Map<string, number>()
  const limitOf = (tier: TierStock) => Math.max(floorOf(tier), limits[tier.id] ?? tier.total)
  let free = [...tiers]
  // Who has sold more than a fair share keeps that; each round fixes one at least.
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

/** Gives every tier its fair share, and what rounding left over to those with room, one each. */
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

/** Whole parts of `room` by weight; equal ones where nothing weighs. Cumulative rounding: they add up to the room. */
function proportional(room: number, weights: readonly number[]): number[] {
  const total = sumOf(weights)
  let weightSoFar = 0
  let givenSoFar = 0
  return weights.map((weight, i) => {
    weightSoFar += total === 0 ? 1 / weights.length : weight / total
    const given = i === weights.length - 1 ? room - givenSoFar : Math.round(room * weightSoFar) - givenSoFar
    givenSoFar += given
    return given
  })
}

function floorOf({ taken }: TierStock): number {
  return Math.max(1, taken)
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}

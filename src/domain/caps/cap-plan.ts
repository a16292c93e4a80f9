import { splitPool, type Claim } from '../stock/allocation.js'
import { DIRECT, type ChannelRef } from '../channel.js'

export interface PlannedChannel extends ChannelRef {
  weight: number
  /** The organizer's limit for the cap; null: none. */
  maxUnits: number | null
  sold: number
}

export interface CapPlan {
  /** Desired absolute cap by channel id. */
  caps: Map<string, number>
  /** Units for the direct channel: sold, held and free together. */
  direct: number
}

/**
 * Distributes the units outside the safety stock over the channels by weight. What a channel's limit leaves over goes to
 * the others, or stays free.
 */
export function planCaps(
  pool: number,
  channels: readonly PlannedChannel[],
  direct: { weight: number; sold: number; held: number },
): CapPlan {
  const limits = new Map(channels.map(({ id, maxUnits, sold }) => [id, Math.max(sold, maxUnits ?? Infinity)]))
  const shares = splitWithin(limits, pool, [
    ...channels.map(({ id, weight, sold }) => ({ key: id, weight, floor: sold })),
    { key: DIRECT.id, weight: direct.weight, floor: direct.sold + direct.held },
  ])
  const caps = new Map(channels.map(({ id }) => [id, shares.get(id) ?? 0]))
  return { caps, direct: shares.get(DIRECT.id) ?? 0 }
}

/** Each pass fixes at least one claim at its limit, or ends. */
function splitWithin(
  limits: ReadonlyMap<string, number>,
  pool: number,
  claims: readonly Claim<string>[],
): Map<string, number> {
  const shares = splitPool(pool, claims)
  const limitOf = ({ key }: Claim<string>) => limits.get(key) ?? Infinity
  const over = claims.filter((claim) => claim.weight > 0 && (shares.get(claim.key) ?? 0) > limitOf(claim))
  if (over.length === 0) return shares
  const fixed = claims.map((claim) => (over.includes(claim) ? { ...claim, weight: 0, floor: limitOf(claim) } : claim))
  return splitWithin(limits, pool, fixed)
}

import { splitPool } from '../stock/allocation.js'
import { DIRECT, type ChannelRef } from '../channel.js'

export interface PlannedChannel extends ChannelRef {
  weight: number
  sold: number
}

export interface CapPlan {
  /** Desired absolute cap by channel id. */
  caps: Map<string, number>
  /** Units for the direct channel: sold, held and free together. */
  direct: number
}

/** Distributes the units outside the safety stock over the channels by weight. */
export function planCaps(
  pool: number,
  channels: readonly PlannedChannel[],
  direct: { weight: number; sold: number; held: number },
): CapPlan {
  const shares = splitPool(pool, [
    ...channels.map(({ id, weight, sold }) => ({ key: id, weight, floor: sold })),
    { key: DIRECT.id, weight: direct.weight, floor: direct.sold + direct.held },
  ])
  const caps = new Map(channels.map(({ id }) => [id, shares.get(id) ?? 0]))
  return { caps, direct: shares.get(DIRECT.id) ?? 0 }
}

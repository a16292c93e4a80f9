import { splitPool } from './allocation.js'
import type { Platform } from './channel.js'

export interface PlannedChannel {
  platform: Platform
  weight: number
  sold: number
}

export interface CapPlan {
  /** Desired absolute cap per platform. */
  caps: Map<Platform, number>
  /** Units for the direct channel: sold, held and free together. */
  direct: number
}

/** Distributes the units outside the safety stock over the channels by weight. */
export function planCaps(
  pool: number,
  channels: readonly PlannedChannel[],
  direct: { weight: number; sold: number; held: number },
): CapPlan {
  const shares = splitPool<Platform | 'DIRECT'>(pool, [
    ...channels.map(({ platform, weight, sold }) => ({ key: platform, weight, floor: sold })),
    { key: 'DIRECT' as const, weight: direct.weight, floor: direct.sold + direct.held },
  ])
  const caps = new Map(channels.map(({ platform }) => [platform, shares.get(platform) ?? 0]))
  return { caps, direct: shares.get('DIRECT') ?? 0 }
}

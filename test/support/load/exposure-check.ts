import type { CapEntry, Trace } from '../../../simulators/kit/index.js'

export interface ExposurePeak {
  /** The largest sum of the platforms' exposures. */
  peak: number
  /** Time of the peak, ms since the epoch. */
  at: number
  samples: number
}

/**
 * Replays the true state of one event's listings on all platforms in time order and finds the instant at which the
 * sum of their exposures (the larger of the cap and tickets sold or in carts) was largest. A missing cap is Infinity.
 */
export function peakExposure(listings: readonly { trace: Trace; eventId: string }[], since = 0): ExposurePeak {
  const entries = listings
    .flatMap(({ trace, eventId }, index) => trace.query({ eventId }).caps.map((entry) => ({ entry, index })))
    .toSorted((a, b) => a.entry.at - b.entry.at || exposureOf(a.entry) - exposureOf(b.entry))
  const now = listings.map(() => 0)
  const result: ExposurePeak = { peak: 0, at: 0, samples: 0 }
  for (const { entry, index } of entries) {
    now[index] = exposureOf(entry)
    if (entry.at < since) continue
    result.samples += 1
    const sum = now.reduce((total, one) => total + one, 0)
    if (sum > result.peak) Object.assign(result, { peak: sum, at: entry.at })
  }
  return result
}

function exposureOf({ cap, sold, pending }: CapEntry): number {
  return Math.max(cap ?? Infinity, sold + pending)
}

import { revenueOf } from '../demand/fees.js'
import { soldFromOnePool } from '../demand/one-pool.js'
import { total, type Family } from '../demand/families.js'
import { traceOf, type Trace } from '../demand/trace.js'
import { boundsOf, isComputed, sellerOf, type Policy } from '../policies.js'
import type { Measured } from '../sale/meter.js'
import { runSale } from '../sale/run-sale.js'

/** One policy on one trace. */
export interface Play {
  family: Family
  seed: number
  policy: Policy
  /** Tickets, instead of the trace's own number. */
  pool?: number
}

/** Counts are tickets, except calls and moves. */
export interface Played extends Play, Measured {
  /** Tickets to sell. */
  tickets: number
  /** Sold in the end without cancelled ones, and at most what exists. */
  sold: number
  /** What is lost against one pool that all platforms share without delay; below 0: it sold more. */
  lost: number
  /** Of what such a pool sells. */
  share: number
  /** Lost revenue, US dollars. */
  revenueLost: number
  /** Of such a pool's revenue. */
  revenueShareLost: number
  moves: number
  virtualMs: number
}

const NOTHING = { oversold: 0, exposedAbove: 0, calls: 0, refusedCalls: 0, moves: 0, virtualMs: 0 }

/** The same play always gives the same result. */
export async function perform(play: Play): Promise<Played> {
  const { policy } = play
  const trace = traceOf(play.family, play.seed, play.pool)
  if (isComputed(policy)) {
    const sold = soldFromOnePool(trace, sellerOf(policy, trace), boundsOf(policy))
    return { ...play, ...compared(trace, sold), ...NOTHING }
  }
  const { sold, ...measured } = await runSale(trace, policy)
  return { ...play, ...compared(trace, sold), ...measured }
}

function compared(trace: Trace, soldBy: Trace['shares']) {
  const best = soldFromOnePool(trace, null)
  const sold = Math.min(total(soldBy), trace.pool)
  const bestRevenue = revenueOf(trace, best)
  // What is sold twice is refunded.
  const revenue = revenueOf(trace, soldBy) * (sold / Math.max(1, total(soldBy)))
  return {
    tickets: trace.pool,
    sold,
    lost: total(best) - sold,
    share: sold / Math.max(1, total(best)),
    revenueLost: bestRevenue - revenue,
    revenueShareLost: (bestRevenue - revenue) / Math.max(1, bestRevenue),
  }
}

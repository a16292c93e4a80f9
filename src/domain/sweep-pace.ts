/** What decides how often a listing is read by the clock. */
export interface SweepNeeds {
  /** The configured pause, ms. */
  baseMs: number
  /** The shortest pause that the platform's budget allows for all its listings together, ms. */
  affordableMs: number
  /** Sold and held, and the soft cap it runs up to. */
  taken: number
  threshold: number
  /** How long ago a sweep found what no webhook had told, ms; null: never. */
  msSinceMissedWebhook: number | null
  /** How long ago the last sale was seen, ms; null: never. */
  msSinceLastSale: number | null
}

const NEAR_SOFT_CAP = 0.8
/** Webhooks that were lost make sweeps more frequent for this long, ms. */
const DISTRUST_MS = 30 * 60_000
/** A listing without a sale for this long is read less often, ms. */
const QUIET_MS = 12 * 3_600_000
const MIN_PAUSE_MS = 1_000

/**
 * The pause before the next sweep, ms: a quarter after webhooks were lost, half near the soft cap, twice as long when
 * nothing sells; never shorter than the budget allows.
 */
export function sweepPauseMs(needs: SweepNeeds): number {
  return Math.ceil(Math.max(MIN_PAUSE_MS, needs.affordableMs, needs.baseMs * factorOf(needs)))
}

function factorOf({ taken, threshold, msSinceMissedWebhook, msSinceLastSale }: SweepNeeds): number {
  if (msSinceMissedWebhook !== null && msSinceMissedWebhook < DISTRUST_MS) return 1 / 4
  if (taken >= threshold * NEAR_SOFT_CAP) return 1 / 2
  return msSinceLastSale !== null && msSinceLastSale >= QUIET_MS ? 2 : 1
}

const MISSED = 2
const MIN_STALE_MS = 30_000
const FAILING_MS = 60_000

/**
 * A read that was asked for and is not answered for this long makes its listing stale, ms: also the next one or two have
 * not come by then, or it is known to fail.
 */
export function staleAfterMs(pauseMs: number, fails: boolean): number {
  const silent = Math.max(MIN_STALE_MS, MISSED * pauseMs)
  return fails ? Math.min(silent, FAILING_MS) : silent
}

/** Factors that determine how often a listing is swept. */
export interface SweepPaceFactors {
  /** The configured interval, ms. */
  baseMs: number
  /** The shortest interval that the platform's budget allows for all of its listings, ms. */
  affordableMs: number
  /** Sold and held tickets, and the soft-cap threshold. */
  soldAndHeld: number
  threshold: number
  /** ms since a sweep last found a missed webhook; null: never. */
  msSinceMissedWebhook: number | null
  /** ms since the last sale was read; null: never. */
  msSinceLastSale: number | null
}

const NEAR_SOFT_CAP = 0.8
/** How long a missed webhook makes sweeps more frequent, ms. */
const MISSED_WEBHOOK_EFFECT_MS = 30 * 60_000
/** A listing without a sale for this long is swept less often, ms. */
const IDLE_AFTER_MS = 12 * 3_600_000
const MIN_PAUSE_MS = 1_000

/**
 * The pause before the next sweep, ms: a quarter after missed webhooks, half near the soft cap, double when there are no
 * sales; never shorter than the budget allows.
 */
export function sweepPauseMs(factors: SweepPaceFactors): number {
  return Math.ceil(Math.max(MIN_PAUSE_MS, factors.affordableMs, factors.baseMs * multiplierOf(factors)))
}

function multiplierOf({ soldAndHeld, threshold, msSinceMissedWebhook, msSinceLastSale }: SweepPaceFactors): number {
  if (msSinceMissedWebhook !== null && msSinceMissedWebhook < MISSED_WEBHOOK_EFFECT_MS) return 1 / 4
  if (soldAndHeld >= threshold * NEAR_SOFT_CAP) return 1 / 2
  return msSinceLastSale !== null && msSinceLastSale >= IDLE_AFTER_MS ? 2 : 1
}

const MAX_MISSED_READS = 2
const MIN_STALE_MS = 30_000
const FAILING_STALE_MS = 60_000

/**
 * How long a requested read may be outstanding before its listing counts as stale, ms: until the next one or two reads
 * are missing too, or less if reads are known to fail.
 */
export function staleAfterMs(pauseMs: number, fails: boolean): number {
  const staleMs = Math.max(MIN_STALE_MS, MAX_MISSED_READS * pauseMs)
  return fails ? Math.min(staleMs, FAILING_STALE_MS) : staleMs
}

/** The interval between two polls, ms. `stretch`: the desired cost of all polls relative to their budget; 1 or less: affordable. */
export function pollIntervalMs(desiredMs: number, stretch: number): number {
  return Math.ceil(desiredMs * Math.max(1, stretch))
}

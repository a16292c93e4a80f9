import { retryAfterMs } from '../../http/retry-after.js'
import type { RateLimitStatus } from '../../throttle/limiter.js'

const BUCKET = /(?:^|[\s,])(?:token|key):[^\s,]+\s+(\d{1,9})\/(\d{1,9})\s+reset=(\d{1,9})s/g
const MAX_WAIT_MS = 3_600_000
const FIRST_FALLBACK_MS = 60_000
const MAX_FALLBACK_MS = 900_000

/**
 * Parses `x-rate-limit`: `token:<TOKEN> 22/2000 reset=3533s, key:<KEY> 22/2000 reset=3533s`. The header contains the
 * token in plain text, so it is never logged. Returns the buckets sorted by use, highest first.
 */
export function readRateLimit(header: string | undefined): RateLimitStatus[] {
  if (header === undefined) return []
  const buckets = [...header.slice(0, 2_000).matchAll(BUCKET)].map(([, used, limit, reset]) => ({
    used: Number(used),
    limit: Number(limit),
    resetInMs: Number(reset) * 1000,
  }))
  return buckets.filter((bucket) => bucket.limit > 0).toSorted((a, b) => b.used / b.limit - a.used / a.limit)
}

/** Wait time that a 429 response reports, ms; null: none (its buckets are not exhausted). */
export function reportedWaitMs(headers: Record<string, string>, now: Date): number | null {
  const retryAfter = retryAfterMs(headers['retry-after'], now)
  if (retryAfter !== null) return clampWait(retryAfter)
  const exhausted = readRateLimit(headers['x-rate-limit']).filter((bucket) => bucket.used >= bucket.limit)
  if (exhausted.length === 0) return null
  return clampWait(Math.max(...exhausted.map((bucket) => bucket.resetInMs)))
}

/** Backoff after the n-th (from 0) consecutive 429 without a reported wait: 60 s, doubling to 15 min. */
export function fallbackWaitMs(refusals: number): number {
  return Math.min(MAX_FALLBACK_MS, FIRST_FALLBACK_MS * 2 ** Math.min(refusals, 10))
}

function clampWait(ms: number): number {
  return Math.min(MAX_WAIT_MS, ms)
}

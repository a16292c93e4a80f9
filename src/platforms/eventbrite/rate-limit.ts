import { retryAfterMs } from '../http/retry-after.js'
import type { Verdict } from '../throttle/limiter.js'

const BUCKET = /(?:^|[\s,])(?:token|key):\S+\s+(\d{1,9})\/(\d{1,9})\s+reset=(\d{1,9})s/g
const MAX_WAIT_MS = 3_600_000
const FIRST_FALLBACK_MS = 60_000
const MAX_FALLBACK_MS = 900_000

/**
 * Reads `x-rate-limit`: `token:<TOKEN> 22/2000 reset=3533s, key:<KEY> 22/2000 reset=3533s`. The header carries the
 * token in clear, so it is never logged. Answers the buckets worst first.
 */
export function parseRateLimit(header: string | undefined): Verdict[] {
  if (header === undefined) return []
  const buckets = [...header.slice(0, 2_000).matchAll(BUCKET)].map(([, used, limit, reset]) => ({
    used: Number(used),
    limit: Number(limit),
    resetInMs: Number(reset) * 1000,
  }))
  return buckets.filter((bucket) => bucket.limit > 0).toSorted((a, b) => b.used / b.limit - a.used / a.limit)
}

/** How long a refusal with 429 explains itself to last, ms; null: it does not (its buckets still have room). */
export function explainedWait(headers: Record<string, string>, now: Date): number | null {
  const retryAfter = retryAfterMs(headers['retry-after'], now)
  if (retryAfter !== null) return clampWait(retryAfter)
  const spent = parseRateLimit(headers['x-rate-limit']).filter((bucket) => bucket.used >= bucket.limit)
  if (spent.length === 0) return null
  return clampWait(Math.max(...spent.map((bucket) => bucket.resetInMs)))
}

/** For the n-th (from 0) unexplained refusal in a row: 60 s, doubling to 15 min. */
export function fallbackWait(refusals: number): number {
  return Math.min(MAX_FALLBACK_MS, FIRST_FALLBACK_MS * 2 ** Math.min(refusals, 10))
}

function clampWait(ms: number): number {
  return Math.min(MAX_WAIT_MS, ms)
}

import { createHash } from 'node:crypto'
import type { Lane } from '../../domain/channel.js'
import { bucketOf } from '../throttle/budget.js'
import type { Budget, Permit, RateLimiter } from '../throttle/limiter.js'
import type { PlatformRequest } from './platform-http.js'

export interface AdmissionParts {
  budget: Budget
  limiter: RateLimiter
  now: () => number
  /** Resolves after `ms`, or as soon as the process is stopping. */
  sleep: (ms: number) => Promise<void>
  /** True once the process is stopping: nothing waits any longer. */
  stopping?: () => boolean
}

/**
 * Maximum time that a later step of an operation waits for budget in place, ms. Nothing depends on `bulk`, so it may
 * wait longer.
 */
const MAX_WAIT_MS: Record<Lane, number> = { protect: 30_000, grow: 30_000, bulk: 120_000 }
/** Under a small limit, budget for one call may take longer than that; then the maximum covers this number of calls. */
const CALLS_AHEAD = 3

/**
 * Acquires budget for the calls of one platform. Without budget a call is refused, with the time until its turn; a
 * later step of most operations waits, so that the calls already made are not wasted.
 */
export class Admission {
  constructor(private readonly parts: AdmissionParts) {}

  /** @throws RangeError for a call heavier than the burst; also any error of the limiter */
  async permit(request: PlatformRequest): Promise<Permit> {
    const { budget, limiter, now, sleep, stopping = () => false } = this.parts
    const { weight, lane, continues = false, waits = false, fence, urgent = false } = request
    // Every step of a write carries its fence, including its reads.
    const turn = { waiter: waiterOf(request), continues, forWrite: fence !== undefined || urgent }
    const deadline = waits ? now() + this.maxWaitMs(weight, lane) : Number.NEGATIVE_INFINITY
    for (;;) {
      const permit = await limiter.acquire(budget, weight, lane, turn)
      if (permit.granted || stopping() || now() + permit.waitMs > deadline) return permit
      await sleep(permit.waitMs)
    }
  }

  private maxWaitMs(weight: number, lane: Lane): number {
    return Math.max(MAX_WAIT_MS[lane], (CALLS_AHEAD * weight) / bucketOf(this.parts.budget).rate)
  }
}

/**
 * Queue id of a request. A retry of the same call gets the same id, also in another process, and keeps its place in the
 * queue. Numbers are ignored, since they may differ by then: a cap, or the rows of a page.
 */
function waiterOf({ method, url, json, form, lane, operation }: PlatformRequest): string {
  const content = JSON.stringify([method, url, json ?? null, form ?? null], (_key, value: unknown) =>
    typeof value === 'number' ? 0 : value,
  )
  return `${operation}:${lane}:${createHash('sha256').update(content).digest('base64url').slice(0, 16)}`
}

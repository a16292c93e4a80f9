import { createHash } from 'node:crypto'
import type { Lane } from '../../domain/channel.js'
import { bucketOf } from '../throttle/budget.js'
import type { Budget, Permit, RateLimiter } from '../throttle/limiter.js'
import type { PlatformRequest } from './platform-http.js'

export interface AdmissionParts {
  budget: Budget
  limiter: RateLimiter
  now: () => number
  /** Resolves after so long, ms, or at once when the way out is closed. */
  sleep: (ms: number) => Promise<void>
  /** Nothing waits any more. */
  closed?: () => boolean
}

/** How long a later step of an operation waits for budget where it is, ms. `bulk` keeps nobody waiting. */
const PATIENCE_MS: Record<Lane, number> = { protect: 30_000, grow: 30_000, bulk: 120_000 }
/** Under a small limit one call may take longer than that to be paid for: then for so many of them. */
const CALLS_AHEAD = 3

/**
 * Budget for the calls of one platform. The first step of an operation is refused when there is none, with the instant
 * at which its turn comes; a later one waits for it, so that what was paid for the steps before is not lost.
 */
export class Admission {
  constructor(private readonly parts: AdmissionParts) {}

  /** @throws RangeError for a call that no budget pays for; whatever the limiter throws */
  async permit(request: PlatformRequest): Promise<Permit> {
    const { budget, limiter, now, sleep, closed = () => false } = this.parts
    const { weight, lane, continues = false, fence, urgent = false } = request
    // Every step of a write carries its fence, its readings too.
    const turn = { waiter: nameOf(request), continues, forWrite: fence !== undefined || urgent }
    const deadline = continues ? now() + this.patienceMs(weight, lane) : Number.NEGATIVE_INFINITY
    for (;;) {
      const permit = await limiter.acquire(budget, weight, lane, turn)
      if (permit.granted || closed() || now() + permit.waitMs > deadline) return permit
      await sleep(permit.waitMs)
    }
  }

  private patienceMs(weight: number, lane: Lane): number {
    return Math.max(PATIENCE_MS[lane], (CALLS_AHEAD * weight) / bucketOf(this.parts.budget).rate)
  }
}

/**
 * The same for the same call made again, also by another process: it keeps its place in the line. Its numbers may be
 * others by then, such as a cap or the rows of a page.
 */
function nameOf({ method, url, json, form, lane, operation }: PlatformRequest): string {
  const content = JSON.stringify([method, url, json ?? null, form ?? null], (_key, value: unknown) =>
    typeof value === 'number' ? 0 : value,
  )
  return `${operation}:${lane}:${createHash('sha256').update(content).digest('base64url').slice(0, 16)}`
}

import type { Lane } from '../../domain/channel.js'

/** A rate limit of a platform: units (calls; points on Meetup) per window, for one credential. */
export interface Budget {
  /** Name of the bucket: platform and a hash of the credential, never the credential itself. */
  bucket: string
  limit: number
  windowSeconds: number
  /** The share (0..1) of the burst that only `protect` may use. */
  reserve: number
  /**
   * Units that may be spent at once, up to a third of the usable limit. Absent: a tenth, but at least 15 where that
   * fits.
   */
  burst?: number
  /** Weight of the largest call: the burst is at least that, as far as the limit allows. */
  largestCall?: number
}

/** Identity and priority of a call in the wait queue: a retry of a refused call keeps its place. */
export interface Turn {
  /** Id of the call, the same for each retry. */
  waiter: string
  /** A later step of an operation in progress: it precedes reads of its lane that start one; of a write, all others. */
  continues?: boolean
  /** A step of a cap write: it precedes the reads of its lane, since a raised cap sells. */
  forWrite?: boolean
}

/** Result of a request for budget. `reservation`: for a refund; `waitMs`: when to retry. */
export type Permit = { granted: true; reservation: string } | { granted: false; waitMs: number }

/** State of a rate limit as the platform reports it. */
export interface RateLimitStatus {
  used: number
  limit: number
  resetInMs: number
}

/**
 * Spends outbound budgets. A refused call is never charged. With a turn it joins the wait queue and precedes later
 * calls of its lane; it should retry when its wait is over.
 */
export interface RateLimiter {
  /** @throws RangeError for a weight above the burst */
  acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit>
  /** Refunds a call of which not a byte was sent. Calls that were sent need no further step. */
  refund(budget: Budget, reservation: string): Promise<void>
  /** Blocks the budget for every process until then, after the platform has throttled us. */
  block(budget: Budget, until: Date): Promise<void>
  /**
   * Raises our level to the platform's own count, never lowers it; only a charge assumed after a loss of ours is
   * replaced.
   */
  observe(budget: Budget, status: RateLimitStatus): Promise<void>
}

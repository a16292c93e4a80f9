import type { Lane } from '../../domain/channel.js'

/** One budget that a platform keeps: calls (Meetup: points) per window, per credential. */
export interface Budget {
  /** Names the bucket: platform and credential, never the credential itself. */
  bucket: string
  limit: number
  windowSeconds: number
  /** The share (0..1) of the burst that only `protect` may use. */
  reserve: number
  /** Units that may go at once; a third of the limit at most. Unset: a tenth, but 15 where the limit allows it. */
  burst?: number
  /** The weight of the largest call there is: however small the limit, the burst pays for it, if the limit does. */
  largestCall?: number
}

/** Who asks for budget: what a refused call needs to keep its place in the line when it asks again. */
export interface Turn {
  /** The same for the same call asked again. */
  waiter: string
  /** A later step of an operation that has begun: it goes before those of its lane that have not. */
  continues?: boolean
  /** A step of a cap write: a cap that is raised sells, so it goes before what only reads in its lane. */
  forWrite?: boolean
}

export type Permit = { granted: true; reservation: string } | { granted: false; waitMs: number }

/** What a platform said of our use of its budget. */
export interface Verdict {
  used: number
  limit: number
  resetInMs: number
}

/**
 * Spends outbound budgets. A refused call is never charged; with a turn it waits in line, and those of its lane that come
 * after it are served after it. It should ask again when its wait is over.
 */
export interface RateLimiter {
  /** @throws RangeError for a weight that the whole burst could not pay. */
  acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit>
  /** Gives back what was reserved for a call of which not a byte went out. Charged calls need no settling. */
  refund(budget: Budget, reservation: string): Promise<void>
  /** A platform refused us: every process stays away until then. */
  block(budget: Budget, until: Date): Promise<void>
  /** The platform's own count moves ours up, never down; it only replaces the debt assumed after a loss of ours. */
  observe(budget: Budget, verdict: Verdict): Promise<void>
}

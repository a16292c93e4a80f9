import type { CapReading, Failure, Outcome } from '../../port.js'
import type { WithWaypoint } from '../client/client.js'
import { ok, type Rejection } from '../../kit/outcomes.js'

/** A cap and its counts in one response, in tickets. */
export interface CapCounts {
  /** In force. */
  cap: CapReading
  /** The platform refuses a cap below this. */
  floor: number
  sold: number
  pending: number
}

/** Access to a cap that is read and written while tickets are sold. */
export interface CapTarget<T> {
  write(cap: number): Promise<Outcome<WithWaypoint<T>>>
  count(): Promise<Outcome<WithWaypoint<T>>>
  countsOf(value: T): CapCounts
  /** ms since the epoch. */
  now(): number
}

export interface LowerCapPlan {
  /** The cap to write first: the best count known without a read. */
  firstCap: number
  /** The lowest desired cap; 0: as low as the tickets taken. */
  minCap: number
  /** The cap in force as far as known; null: unknown. No margin raises a cap above it. */
  capInForce: number | null
}

/** A closing must take few calls: after this number of writes, or this time, another mechanism has to complete it. */
const MAX_WRITES = 6
const DEADLINE_MS = 1_200
/** The age of the caller's count is unknown, so the first sales rate is unreliable. */
const MAX_FIRST_MARGIN = 30

const TOO_SMALL = new Set(['CAPACITY_TOTAL_TOO_SMALL', 'HOLD_QUANTITIES_EXCEEDS_REMAINING_CAPACITY'])

/** Whether another cap, or the same one a moment later, may be accepted. */
export function mayBeRetried({ code }: Rejection): boolean {
  return TOO_SMALL.has(code) || code === 'REQUEST_CONFLICT'
}

/**
 * Lowers a cap to `minCap`, or to the tickets taken if that is more, without a read before the first write. A cap
 * refused as too small is followed immediately by the newest count plus a margin for sales until the next write
 * arrives; further writes remove the rest of the margin. OK: the state after the last accepted write. It may still have
 * tickets left, which either sell out or need another mechanism. `CAP_BELOW_SOLD`: no write was accepted.
 */
export async function lowerCap<T>(plan: LowerCapPlan, target: CapTarget<T>): Promise<Outcome<WithWaypoint<T>>> {
  const startedAt = target.now()
  const rate = new SalesRate(plan.firstCap, startedAt)
  let limit = plan.capInForce ?? Infinity
  let inForce: WithWaypoint<T> | null = null
  let next = Math.max(1, plan.firstCap)
  let refusals = 0
  let refused: Failure = { kind: 'CAP_BELOW_SOLD', sold: null, pending: 0, reason: 'no write was accepted' }
  for (let writes = 1; writes <= MAX_WRITES; writes++) {
    const sentAt = target.now()
    const written = await target.write(next)
    const roundTrip = target.now() - sentAt
    if (written.kind === 'OK') {
      inForce = written.value
      const { cap, floor } = target.countsOf(inForce.value)
      const goal = Math.max(1, plan.minCap, floor)
      // A cap above the requested one is the lowest that the platform accepts.
      if (typeof cap !== 'number' || cap <= goal || cap > next) return written
      limit = cap
      next = goal + Math.floor(rate.expected(floor, target.now(), roundTrip))
    } else {
      if (written.kind !== 'REJECTED' || !(mayBeRetried(written) || written.code === 'ARGUMENTS_ERROR'))
        return resultOf(inForce, written)
      if (inForce !== null && target.now() - startedAt > DEADLINE_MS) return ok(inForce)
      const counted = await target.count()
      if (counted.kind !== 'OK') return resultOf(inForce, counted)
      const { cap, floor, sold, pending } = target.countsOf(counted.value.value)
      if (!isTooSmall(written, next, floor, cap)) return resultOf(inForce, written)
      if (inForce !== null && cap === limit && floor >= limit) return counted
      limit = inForce === null && typeof cap === 'number' ? cap : limit
      refused = { kind: 'CAP_BELOW_SOLD', sold, pending, reason: written.message }
      const margin = rate.margin(floor, target.now(), target.now() - sentAt, ++refusals)
      const goal = Math.max(1, plan.minCap, floor)
      next = Math.max(goal, Math.min(limit, goal + margin))
    }
    const late = target.now() - startedAt > DEADLINE_MS
    // A write of `limit` or more does not lower the cap: the rest sells out, or another mechanism closes the listing.
    if (inForce === null ? late && refusals > 1 : late || next >= limit) break
  }
  return inForce === null ? refused : ok(inForce)
}

/** The rate at which tickets are taken, from one count to the next. */
class SalesRate {
  private measured = false

  constructor(
    private count: number,
    private at: number,
  ) {}

  /** Expected number of tickets taken within `spanMs`. */
  expected(count: number, now: number, spanMs: number): number {
    const perMs = Math.max(0, count - this.count) / Math.max(1, now - this.at)
    this.count = count
    this.at = now
    return perMs * spanMs
  }

  /**
   * Upper estimate of the tickets taken within `spanMs`: mean plus two standard deviations, times the number of
   * refusals.
   */
  margin(count: number, now: number, spanMs: number, refusals: number): number {
    const mean = this.expected(count, now, spanMs)
    const margin = Math.ceil(refusals * (1 + mean + 2 * Math.sqrt(mean)))
    if (this.measured) return margin
    this.measured = true
    return Math.min(MAX_FIRST_MARGIN, margin)
  }
}

/** The state of an earlier write remains valid after a later failure that changed nothing. */
function resultOf<T>(inForce: WithWaypoint<T> | null, failure: Failure): Outcome<WithWaypoint<T>> {
  return inForce === null || failure.kind === 'UNKNOWN' ? failure : ok(inForce)
}

/** `ARGUMENTS_ERROR` has many causes: it means "too small" only for a reduction or a cap below the floor. */
function isTooSmall({ code }: Rejection, cap: number, floor: number, inForce: CapReading): boolean {
  if (code !== 'ARGUMENTS_ERROR') return true
  return floor > cap || typeof inForce !== 'number' || cap < inForce
}

import type { CapReading, Failure, Outcome } from '../port.js'
import type { Seen } from './client.js'
import { ok, type Rejection } from './outcomes.js'

/** What one answer tells of a cap; all counts are tickets. */
export interface Figures {
  /** In force. */
  cap: CapReading
  /** Taken as far as the platform refuses a cap below it. */
  floor: number
  sold: number
  pending: number
}

/** A cap that is counted and written while buyers buy. */
export interface SellingCap<T> {
  write(cap: number): Promise<Outcome<Seen<T>>>
  count(): Promise<Outcome<Seen<T>>>
  figures(value: T): Figures
  /** ms */
  now(): number
}

export interface LowerCapPlan {
  /** What to write first: the best count that is known without asking. */
  first: number
  /** The lowest cap that is wanted; 0: whatever is taken. */
  least: number
  /** The cap in force as far as it is known; null: unknown. No margin raises a cap above it. */
  inForce: number | null
}

/** A closing takes few calls: after so many writes, or this long, another mechanism has to end it. */
const MAX_WRITES = 6
const PATIENCE_MS = 1_200
/** The age of the count a caller starts with is unknown, so that it tells little of the pace. */
const MAX_FIRST_MARGIN = 30

const TOO_SMALL = new Set(['CAPACITY_TOTAL_TOO_SMALL', 'HOLD_QUANTITIES_EXCEEDS_REMAINING_CAPACITY'])

/** Refusals that another cap, or the same one a moment later, may pass. */
export function passesLater({ code }: Rejection): boolean {
  return TOO_SMALL.has(code) || code === 'REQUEST_CONFLICT'
}

/**
 * Brings a cap down to `least`, or to what is taken if that is more, without reading before the first write. A refusal
 * as too small is answered at once by the newest count and a margin for what is sold until the next write arrives; what
 * the margin left is taken back afterwards. OK: the newest state that a write left; it may still have room, which then
 * either sells out by itself or needs another mechanism. `CAP_BELOW_SOLD`: no write was accepted.
 */
export async function lowerCap<T>(plan: LowerCapPlan, target: SellingCap<T>): Promise<Outcome<Seen<T>>> {
  const startedAt = target.now()
  const pace = new Pace(plan.first, startedAt)
  let limit = plan.inForce ?? Infinity
  let stands: Seen<T> | null = null
  let next = Math.max(1, plan.first)
  let refusals = 0
  let refused: Failure = { kind: 'CAP_BELOW_SOLD', sold: null, pending: 0, reason: 'no write was accepted' }
  for (let writes = 1; writes <= MAX_WRITES; writes++) {
    const sentAt = target.now()
    const written = await target.write(next)
    const roundTrip = target.now() - sentAt
    if (written.kind === 'OK') {
      stands = written.value
      const { cap, floor } = target.figures(stands.value)
      const goal = Math.max(1, plan.least, floor)
      // A cap above the one that was asked for is as low as the platform goes.
      if (typeof cap !== 'number' || cap <= goal || cap > next) return written
      limit = cap
      next = goal + Math.floor(pace.expected(floor, target.now(), roundTrip))
    } else {
      if (written.kind !== 'REJECTED' || !(passesLater(written) || written.code === 'ARGUMENTS_ERROR'))
        return settled(stands, written)
      if (stands !== null && target.now() - startedAt > PATIENCE_MS) return ok(stands)
      const counted = await target.count()
      if (counted.kind !== 'OK') return settled(stands, counted)
      const { cap, floor, sold, pending } = target.figures(counted.value.value)
      if (!isTooSmall(written, next, floor, cap)) return settled(stands, written)
      if (stands !== null && cap === limit && floor >= limit) return counted
      limit = stands === null && typeof cap === 'number' ? cap : limit
      refused = { kind: 'CAP_BELOW_SOLD', sold, pending, reason: written.message }
      const margin = pace.margin(floor, target.now(), target.now() - sentAt, ++refusals)
      const goal = Math.max(1, plan.least, floor)
      next = Math.max(goal, Math.min(limit, goal + margin))
    }
    const late = target.now() - startedAt > PATIENCE_MS
    // From `limit` on no write lowers what stands: it sells out by itself, or other means end it.
    if (stands === null ? late && refusals > 1 : late || next >= limit) break
  }
  return stands === null ? refused : ok(stands)
}

/** How fast tickets are taken, from one count to the next. */
class Pace {
  private measured = false

  constructor(
    private count: number,
    private at: number,
  ) {}

  /** Tickets that are taken within `spanMs`, on average. */
  expected(count: number, now: number, spanMs: number): number {
    const perMs = Math.max(0, count - this.count) / Math.max(1, now - this.at)
    this.count = count
    this.at = now
    return perMs * spanMs
  }

  /** Tickets that are hardly exceeded within `spanMs`: the mean and two standard deviations, more with every refusal. */
  margin(count: number, now: number, spanMs: number, refusals: number): number {
    const mean = this.expected(count, now, spanMs)
    const margin = Math.ceil(refusals * (1 + mean + 2 * Math.sqrt(mean)))
    if (this.measured) return margin
    this.measured = true
    return Math.min(MAX_FIRST_MARGIN, margin)
  }
}

/** After an earlier write has landed its state is known, and a later failure that changed nothing takes nothing from it. */
function settled<T>(stands: Seen<T> | null, failure: Failure): Outcome<Seen<T>> {
  return stands === null || failure.kind === 'UNKNOWN' ? failure : ok(stands)
}

/** `ARGUMENTS_ERROR` says so of many things: of a cap that is no raise, and of one below what is taken, it is believed. */
function isTooSmall({ code }: Rejection, cap: number, floor: number, inForce: CapReading): boolean {
  if (code !== 'ARGUMENTS_ERROR') return true
  return floor > cap || typeof inForce !== 'number' || cap < inForce
}

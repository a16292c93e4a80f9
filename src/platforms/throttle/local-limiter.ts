import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/clock.js'
import { bucketOf, laneRule, shareOf, verdictLevel, type LaneRule } from './budget.js'
import type { Claim } from './claim.js'
import { LeakyBucket } from './leaky-bucket.js'
import type { Budget, Permit, RateLimiter, Turn, Verdict } from './limiter.js'

/** What all processes together may send at once on top of what Redis had granted before: within the unused tenth. */
const FIRST_ROUND = 0.05
/** A whole budget claimed later than this after Redis was last asked may have been spent by another process, ms. */
const LATE_CLAIM_MS = 10_000
const OTHER_LANES_WAIT_MS = 5_000
const REFUNDABLE_MS = 60_000

export interface LocalLimiterParts {
  clock: Clock
  /** Processes that spend the same budgets, this one included. */
  instances: number
  /** By default `share`. */
  claim?: () => Claim
  /** The level of the shared bucket when it was last asked; null or left out: not known. */
  lastLevel?: (budget: Budget) => { level: number; ageMs: number } | null
}

interface Spending {
  budget: Budget
  claim: Claim
  share: number
  level: LeakyBucket
  /** What was spent here: to be charged to the shared bucket afterwards. */
  own: LeakyBucket
  open: Map<string, { weight: number; at: number }>
}

/**
 * This process alone, while nobody can be asked what the others spend; for `protect` only. By default half of the limit,
 * split by the processes last seen. It starts from what the shared bucket was last seen to hold.
 */
export class LocalLimiter implements RateLimiter {
  private readonly spendings = new Map<string, Spending>()
  private sequence = 0

  constructor(private readonly parts: LocalLimiterParts) {}

  async acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit> {
    const { rank } = laneRule(bucketOf(budget), weight, lane, turn) // refuses what could never go
    const spending = this.spending(budget)
    if (lane !== 'protect' || spending.claim === 'none') return { granted: false, waitMs: OTHER_LANES_WAIT_MS }
    const { level, own, open } = spending
    const now = this.now()
    const waitMs = level.acquire(weight, ruleOf(level, weight, rank), now, turn?.waiter)
    if (waitMs > 0) return { granted: false, waitMs }
    own.charge(weight, now)
    for (const [id, { at }] of open) if (now - at > REFUNDABLE_MS) open.delete(id)
    const reservation = `local-${++this.sequence}`
    open.set(reservation, { weight, at: now })
    return { granted: true, reservation }
  }

  /** How long such a step of a write would have to wait now, ms; charges nothing. */
  peek(budget: Budget, lane: Lane, weight = 1): Promise<number> {
    const { claim, level } = this.spending(budget)
    if (lane !== 'protect' || claim === 'none') return Promise.resolve(OTHER_LANES_WAIT_MS)
    const { rank } = laneRule(bucketOf(budget), weight, lane, { forWrite: true })
    return Promise.resolve(level.wait(weight, ruleOf(level, weight, rank), this.now()))
  }

  refund(budget: Budget, reservation: string): Promise<void> {
    const { level, own, open } = this.spending(budget)
    const reserved = open.get(reservation)
    if (reserved) for (const each of [level, own]) each.refund(reserved.weight, reserved.at, this.now())
    open.delete(reservation)
    return Promise.resolve()
  }

  block(budget: Budget, until: Date): Promise<void> {
    this.spending(budget).level.block(until.getTime())
    return Promise.resolve()
  }

  observe(budget: Budget, { used, limit, resetInMs }: Verdict): Promise<void> {
    const { share, level } = this.spending(budget)
    level.raiseTo(verdictLevel(level.bucket, { used: used * share, limit: limit * share, resetInMs }), this.now())
    return Promise.resolve()
  }

  /** What was spent here and has not leaked out, per budget. */
  spent(): { budget: Budget; units: number }[] {
    return [...this.spendings.values()].map(({ budget, own }) => ({ budget, units: own.level(this.now()) }))
  }

  forget(budget: Budget): void {
    this.spendings.delete(budget.bucket)
  }

  private spending(budget: Budget): Spending {
    const claim = this.parts.claim?.() ?? 'share'
    const known = this.spendings.get(budget.bucket)
    if (known?.claim === claim) return known
    const now = this.now()
    const share = claim === 'share' ? 1 / (2 * this.instances) : 1
    const bucket = bucketOf(shareOf(budget, share))
    const own = known?.own ?? new LeakyBucket(bucketOf(budget), 0, now)
    const level = new LeakyBucket(
      bucket,
      Math.min(bucket.burst, this.start(budget, claim, share) + own.level(now)),
      now,
    )
    const made: Spending = { budget, claim, share, level, own, open: known?.open ?? new Map() }
    this.spendings.set(budget.bucket, made)
    return made
  }

  /** The level that an own bucket starts with: its part of what was spent before. */
  private start(budget: Budget, claim: Claim, share: number): number {
    const { burst } = bucketOf(budget)
    const last = this.parts.lastLevel?.(budget) ?? null
    if (claim === 'whole' && last !== null && last.ageMs > LATE_CLAIM_MS) return burst
    const nearlyFull = burst * share - (FIRST_ROUND * budget.limit) / (claim === 'share' ? this.instances : 1)
    return Math.max(0, Math.min(nearlyFull, last === null ? Infinity : last.level * share))
  }

  private get instances(): number {
    return Math.max(1, this.parts.instances)
  }

  private now(): number {
    return this.parts.clock.now().getTime()
  }
}

/** A share may be smaller than one call: that one then waits for an empty bucket. */
function ruleOf({ bucket }: LeakyBucket, weight: number, rank: number): LaneRule {
  return { ceiling: Math.max(bucket.burst, weight), startBelow: null, floorMs: null, rank }
}

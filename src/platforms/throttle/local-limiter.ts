import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import { bucketOf, laneRule, shareOf, reportedLevel, type LaneRule } from './budget.js'
import type { Claim } from './claim.js'
import { LeakyBucket } from './leaky-bucket.js'
import type { Budget, Permit, RateLimiter, Turn, RateLimitStatus } from './limiter.js'

/**
 * Share of the limit that all processes together may spend at once in addition to what Redis had granted: within the
 * unused tenth.
 */
const INITIAL_BURST_SHARE = 0.05
/** Maximum age of the last known level for a `whole` claim, ms: later, another process may have spent the budget. */
const LATE_CLAIM_MS = 10_000
const OTHER_LANES_WAIT_MS = 5_000
const REFUNDABLE_MS = 60_000

export interface LocalLimiterParts {
  clock: Clock
  /** Processes that spend the same budgets, this one included. */
  instances: number
  /** Default: `share`. */
  claim?: () => Claim
  /** Another process has had the whole limit before. Default: false. */
  claimedElsewhere?: boolean
  /** The last known level of the shared bucket; null or absent: unknown. */
  lastLevel?: (budget: Budget) => { level: number; ageMs: number } | null
}

interface LocalBudget {
  budget: Budget
  claim: Claim
  share: number
  level: LeakyBucket
  /** The shared bucket as it was, and the same with what was spent here: the difference is charged to it afterwards. */
  shared: LeakyBucket
  withSpent: LeakyBucket
  /** Whether the level of the shared bucket was unknown: another process may have spent it all. */
  isUnknown: boolean
  reservations: Map<string, { weight: number; at: number }>
}

/**
 * Limiter of a single process, while Redis is unavailable and the other processes' spending is unknown; only for
 * `protect`. By default it spends half of the limit, split by the number of live processes, and starts from the last
 * known level of the shared bucket.
 */
export class LocalLimiter implements RateLimiter {
  private readonly budgets = new Map<string, LocalBudget>()
  private sequence = 0
  /** Another process has had the whole limit since Redis was lost, and may never report what it spent. */
  private claimedElsewhere: boolean

  constructor(private readonly parts: LocalLimiterParts) {
    this.claimedElsewhere = parts.claimedElsewhere === true || parts.claim?.() === 'none'
  }

  noteClaimElsewhere(): void {
    this.claimedElsewhere = true
  }

  async acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit> {
    const { rank } = laneRule(bucketOf(budget), weight, lane, turn) // throws for a call above the burst
    const { claim, level, withSpent, reservations } = this.local(budget)
    if (lane !== 'protect' || claim === 'none') return { granted: false, waitMs: OTHER_LANES_WAIT_MS }
    const now = this.now()
    const waitMs = level.acquire(weight, ruleOf(level, weight, rank), now, turn?.waiter)
    if (waitMs > 0) return { granted: false, waitMs }
    withSpent.charge(weight, now)
    for (const [id, { at }] of reservations) if (now - at > REFUNDABLE_MS) reservations.delete(id)
    const reservation = `local-${++this.sequence}`
    reservations.set(reservation, { weight, at: now })
    return { granted: true, reservation }
  }

  /** How long a step of a write of this weight would have to wait now, ms; charges nothing. */
  peek(budget: Budget, lane: Lane, weight = 1): Promise<number> {
    const { claim, level } = this.local(budget)
    if (lane !== 'protect' || claim === 'none') return Promise.resolve(OTHER_LANES_WAIT_MS)
    const { rank } = laneRule(bucketOf(budget), weight, lane, { forWrite: true })
    return Promise.resolve(level.wait(weight, ruleOf(level, weight, rank), this.now()))
  }

  refund(budget: Budget, reservation: string): Promise<void> {
    const { level, withSpent, reservations } = this.local(budget)
    const reserved = reservations.get(reservation)
    if (reserved) for (const bucket of [level, withSpent]) bucket.refund(reserved.weight, reserved.at, this.now())
    reservations.delete(reservation)
    return Promise.resolve()
  }

  block(budget: Budget, until: Date): Promise<void> {
    this.local(budget).level.block(until.getTime())
    return Promise.resolve()
  }

  observe(budget: Budget, { used, limit, resetInMs }: RateLimitStatus): Promise<void> {
    const { share, level } = this.local(budget)
    level.raiseTo(reportedLevel(level.bucket, { used: used * share, limit: limit * share, resetInMs }), this.now())
    return Promise.resolve()
  }

  /**
   * What was spent here and has not leaked out, per budget. What was spent before leaks out first, and only once.
   * `isAll`: whether no other process can have spent a whole limit since then.
   */
  spent(): { budget: Budget; units: number; isAll: boolean }[] {
    return [...this.budgets.values()].map((local) => {
      const isAll = !this.claimedElsewhere && !local.isUnknown
      return { budget: local.budget, units: spentIn(local, this.now()), isAll }
    })
  }

  forget(budget: Budget): void {
    this.budgets.delete(budget.bucket)
  }

  private local(budget: Budget): LocalBudget {
    const claim = this.parts.claim?.() ?? 'share'
    const known = this.budgets.get(budget.bucket)
    if (known?.claim === claim) return known
    const now = this.now()
    const share = claim === 'share' ? 1 / (2 * this.instances) : 1
    const bucket = bucketOf(shareOf(budget, share))
    const shared = known?.shared ?? this.sharedBucket(budget, now)
    const withSpent = known?.withSpent ?? this.sharedBucket(budget, now)
    const spent = spentIn({ shared, withSpent }, now)
    const level = new LeakyBucket(bucket, Math.min(bucket.burst, this.initialLevel(budget, claim, share) + spent), now)
    const reservations = known?.reservations ?? new Map<string, { weight: number; at: number }>()
    const isUnknown = known?.isUnknown ?? (this.parts.lastLevel?.(budget) ?? null) === null
    const local: LocalBudget = { budget, claim, share, level, shared, withSpent, isUnknown, reservations }
    this.budgets.set(budget.bucket, local)
    return local
  }

  /** As it was last known; full if it never was. */
  private sharedBucket(budget: Budget, now: number): LeakyBucket {
    const bucket = bucketOf(budget)
    const last = this.parts.lastLevel?.(budget) ?? null
    return last === null
      ? new LeakyBucket(bucket, bucket.burst, now)
      : new LeakyBucket(bucket, last.level, now - last.ageMs)
  }

  /** The initial level of a local bucket: its part of what was spent before. */
  private initialLevel(budget: Budget, claim: Claim, share: number): number {
    const { burst } = bucketOf(budget)
    const last = this.parts.lastLevel?.(budget) ?? null
    const isLate = this.claimedElsewhere || (last !== null && last.ageMs > LATE_CLAIM_MS)
    if (claim === 'whole' && isLate) return burst
    const nearlyFull = burst * share - (INITIAL_BURST_SHARE * budget.limit) / (claim === 'share' ? this.instances : 1)
    return Math.max(0, Math.min(nearlyFull, last === null ? Infinity : last.level * share))
  }

  private get instances(): number {
    return Math.max(1, this.parts.instances)
  }

  private now(): number {
    return this.parts.clock.now().getTime()
  }
}

function spentIn({ shared, withSpent }: Pick<LocalBudget, 'shared' | 'withSpent'>, now: number): number {
  return Math.max(0, withSpent.level(now) - shared.level(now))
}

/** A call heavier than the share waits for an empty bucket. */
function ruleOf({ bucket }: LeakyBucket, weight: number, rank: number): LaneRule {
  return { ceiling: Math.max(bucket.burst, weight), startBelow: null, floorMs: null, rank }
}

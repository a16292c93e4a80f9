import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import { bucketOf, laneRule, reportedLevel, type LaneRule } from './budget.js'
import type { Budget, Permit, RateLimiter, Turn, RateLimitStatus } from './limiter.js'
import { SharedLevels, type BucketReply, type KnownBucket } from './shared-levels.js'

/** A call that needs budget; `waiter` identifies it over its retries. */
export interface BucketCall {
  weight: number
  rule: LaneRule
  waiter: string
}

/** A command on a shared bucket; `lua/leaky-bucket.lua` documents what each does. Times are ms. */
export type BucketCommand =
  | ({ verb: 'acquire' } & BucketCall)
  | ({ verb: 'peek' } & BucketCall)
  | { verb: 'refund'; reservation: string }
  | { verb: 'block'; forMs: number }
  | { verb: 'observe'; level: number }
  | { verb: 'charge'; units: number; isAll: boolean }

/**
 * One bucket per budget, shared by all processes, on the clock of the server that holds it. Every method rejects while
 * that server is unavailable. The instance belongs to one process and keeps what that process knows of the buckets.
 */
export abstract class SharedLimiter implements RateLimiter {
  readonly levels = new SharedLevels()
  /** Called when the server has created the bucket again, so that its previous state is lost. */
  onBucketLost: (budget: Budget) => void = () => undefined
  /** Called with each response of a blocked bucket: any process may have recorded the block. */
  onBlocked: (budget: Budget, until: Date) => void = () => undefined

  constructor(private readonly clock: Clock) {}

  /** Executes one command atomically. `known` restores the level of a bucket that the server has lost. */
  protected abstract execute(budget: Budget, command: BucketCommand, known: KnownBucket): Promise<BucketReply>

  async acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit> {
    const rule = laneRule(bucketOf(budget), weight, lane, turn)
    const { done, value } = await this.run(budget, { verb: 'acquire', weight, rule, waiter: turn?.waiter ?? '' })
    return done ? { granted: true, reservation: String(value) } : { granted: false, waitMs: Number(value) }
  }

  /** How long a step of a write of this weight would have to wait now, ms; charges nothing. */
  async peek(budget: Budget, lane: Lane, weight = 1): Promise<number> {
    const rule = laneRule(bucketOf(budget), weight, lane, { forWrite: true })
    const { value } = await this.run(budget, { verb: 'peek', weight, rule, waiter: '' })
    return Number(value)
  }

  async refund(budget: Budget, reservation: string): Promise<void> {
    await this.run(budget, { verb: 'refund', reservation })
  }

  async block(budget: Budget, until: Date): Promise<void> {
    await this.run(budget, { verb: 'block', forMs: until.getTime() - this.now() })
  }

  async observe(budget: Budget, status: RateLimitStatus): Promise<void> {
    await this.run(budget, { verb: 'observe', level: reportedLevel(bucketOf(budget), status) })
  }

  /**
   * Adds what was spent while the shared buckets were unavailable. `isAll` false: another process may have spent the rest and
   * not live to report it, so that the bucket is full of assumed usage.
   */
  async charge(budget: Budget, units: number, isAll = true): Promise<void> {
    await this.run(budget, { verb: 'charge', units, isAll })
  }

  private async run(budget: Budget, command: BucketCommand): Promise<BucketReply> {
    const reply = await this.execute(budget, command, this.levels.expected(budget, this.now()))
    if (reply.blockedForMs > 0) this.onBlocked(budget, new Date(this.now() + reply.blockedForMs))
    if (this.levels.record(budget, reply, this.now())) this.onBucketLost(budget)
    return reply
  }

  private now(): number {
    return this.clock.now().getTime()
  }
}

import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { Log } from '../log.js'
import { ClaimLease, type Claim } from './claim.js'
import { GrantedLimits } from './granted-limits.js'
import type { Budget, Permit, RateLimiter, Turn, RateLimitStatus } from './limiter.js'
import { LocalLimiter } from './local-limiter.js'
import type { SharedLimiter } from './shared-limiter.js'

export interface ResilientLimiterParts {
  redis: SharedLimiter
  clock: Clock
  /** Processes that spend the same budgets, this one included, as last seen. */
  liveInstances: () => number
  log: Log
}

/** Time after a failure until Redis is probed, ms. */
const PROBE_AFTER_MS = 1_000

/** Uses the shared limiter in Redis, and a local one while Redis is unavailable: degraded, but never unlimited. */
export class ResilientLimiter implements RateLimiter {
  /** Set while Redis is unavailable. */
  private local: LocalLimiter | null = null
  private probeAt = 0
  private probing: Promise<void> | null = null
  /** Of this and of other processes. They are restored when Redis has lost them, and hold while it is unavailable. */
  private readonly blocks = new Map<string, { budget: Budget; until: Date }>()
  private readonly granted = new GrantedLimits()
  private readonly lease = new ClaimLease(() => this.now())
  /** Another process has had the whole limit, perhaps before this one noticed that Redis is unavailable. */
  private claimedElsewhere = false

  constructor(private readonly parts: ResilientLimiterParts) {
    parts.redis.onBlocked = (budget, until) => this.noteBlock(budget, until)
    parts.redis.onBucketLost = (budget) => void this.restoreBlock(budget)
  }

  get degraded(): boolean {
    return this.local !== null
  }

  /** What this process may spend while Redis is unavailable, for the next `forMs`; see `Claim`. */
  claim(claim: Claim, forMs: number): void {
    this.lease.renew(claim, forMs)
    if (claim === 'none') this.noteClaimElsewhere()
    else if (claim === 'share' && this.local === null) this.claimedElsewhere = false
  }

  /** Another process has had the whole limit: what it has spent is unknown until Redis is available again. */
  noteClaimElsewhere(): void {
    this.claimedElsewhere = true
    this.local?.noteClaimElsewhere()
  }

  async acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit> {
    await this.probe(this.granted.applyTo(budget))
    return this.attempt(budget, async (limiter, granted) => {
      if (limiter instanceof LocalLimiter) await this.applyBlock(limiter, granted)
      return limiter.acquire(granted, weight, lane, turn)
    })
  }

  /** How long a step of a write of this weight would have to wait now, ms; charges nothing. */
  peek(budget: Budget, lane: Lane, weight = 1): Promise<number> {
    return this.attempt(budget, (limiter, granted) => limiter.peek(granted, lane, weight))
  }

  /** Reads the level of the shared bucket, or reconnects to it; to be called about every second. */
  async refresh(budget: Budget): Promise<void> {
    await this.probe(this.granted.applyTo(budget))
    await this.peek(budget, 'protect')
  }

  /** A reservation of the other limiter is unknown here and stays charged. */
  refund(budget: Budget, reservation: string): Promise<void> {
    return this.attempt(budget, (limiter, granted) => limiter.refund(granted, reservation))
  }

  block(budget: Budget, until: Date): Promise<void> {
    this.noteBlock(budget, until)
    return this.attempt(budget, (limiter, granted) => limiter.block(granted, until))
  }

  observe(budget: Budget, status: RateLimitStatus): Promise<void> {
    this.granted.record(budget, status)
    return this.attempt(budget, (limiter, granted) => limiter.observe(granted, status))
  }

  /** Runs `work` on Redis, or on the local limiter, with the budget as the platform grants it. */
  private async attempt<T>(
    budget: Budget,
    work: (limiter: SharedLimiter | LocalLimiter, granted: Budget) => Promise<T>,
  ): Promise<T> {
    const granted = this.granted.applyTo(budget)
    if (this.local === null) {
      try {
        return await work(this.parts.redis, granted)
      } catch (error) {
        if (error instanceof RangeError) throw error
        this.degrade(error)
      }
    }
    return work(this.local ?? this.degrade(new Error('Redis became unavailable again')), granted)
  }

  private degrade(error: unknown): LocalLimiter {
    this.probeAt = this.now() + PROBE_AFTER_MS
    if (this.local) return this.local
    const { clock, liveInstances, redis } = this.parts
    this.local = new LocalLimiter({
      clock,
      instances: liveInstances(),
      claim: () => this.lease.current(),
      claimedElsewhere: this.claimedElsewhere,
      lastLevel: (budget) => redis.levels.last(budget, this.now()),
    })
    const reason = error instanceof Error ? error.message : String(error)
    this.parts.log('warn', 'Redis unavailable; outbound rate limits are local to this process', { reason })
    return this.local
  }

  /** Probes Redis and charges it with what was spent locally. Calls wait for the result, so that no charge is lost. */
  private async probe(budget: Budget): Promise<void> {
    if (this.local && !this.probing && this.now() >= this.probeAt) {
      this.probing = this.recover(this.local, budget).finally(() => (this.probing = null))
    }
    await this.probing
  }

  private async recover(local: LocalLimiter, probed: Budget): Promise<void> {
    const { redis, log } = this.parts
    try {
      const spent = local.spent()
      if (!spent.some(({ budget }) => budget.bucket === probed.bucket)) await redis.charge(probed, 0)
      for (const { budget, units, isAll } of spent) {
        await redis.charge(budget, units, isAll)
        local.forget(budget)
      }
      for (const { budget, until } of this.blocks.values()) {
        if (until.getTime() > this.now()) await redis.block(budget, until)
        else this.blocks.delete(budget.bucket)
      }
    } catch (error) {
      this.degrade(error)
      return
    }
    this.local = null
    this.claimedElsewhere = false
    log('info', 'Redis available again; outbound rate limits are shared', {})
  }

  /** A Redis that has lost the bucket has lost its block, too. */
  private async restoreBlock(budget: Budget): Promise<void> {
    const block = this.blocks.get(budget.bucket)
    if (!block || block.until.getTime() <= this.now()) return
    try {
      await this.parts.redis.block(budget, block.until)
    } catch (error) {
      this.degrade(error)
    }
  }

  private noteBlock(budget: Budget, until: Date): void {
    const known = this.blocks.get(budget.bucket)
    if (!known || known.until < until) this.blocks.set(budget.bucket, { budget, until })
  }

  private async applyBlock(local: LocalLimiter, budget: Budget): Promise<void> {
    const block = this.blocks.get(budget.bucket)
    if (block) await local.block(budget, block.until)
  }

  private now(): number {
    return this.parts.clock.now().getTime()
  }
}

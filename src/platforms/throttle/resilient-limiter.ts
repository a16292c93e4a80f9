import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/clock.js'
import type { Log } from '../log.js'
import { ClaimLease, type Claim } from './claim.js'
import { GrantedLimits } from './granted-limits.js'
import type { Budget, Permit, RateLimiter, Turn, Verdict } from './limiter.js'
import { LocalLimiter } from './local-limiter.js'
import type { RedisLimiter } from './redis-limiter.js'

export interface ResilientLimiterParts {
  redis: RedisLimiter
  clock: Clock
  /** Processes that spend the same budgets, this one included, as last seen. */
  liveInstances: () => number
  log: Log
}

/** Redis is asked again this long after it failed, ms. */
const PROBE_AFTER_MS = 1_000

/** Redis while it answers, this process alone while it does not: degraded, never open. */
export class ResilientLimiter implements RateLimiter {
  /** Present while Redis is away. */
  private local: LocalLimiter | null = null
  private probeAt = 0
  private probing: Promise<void> | null = null
  /** Blocks outlive a Redis that forgot them. */
  private readonly blocks = new Map<string, { budget: Budget; until: Date }>()
  private readonly granted = new GrantedLimits()
  private readonly lease = new ClaimLease(() => this.now())

  constructor(private readonly parts: ResilientLimiterParts) {
    parts.redis.renewed = (budget) => void this.blockAgain(budget)
  }

  get degraded(): boolean {
    return this.local !== null
  }

  /** What this process may spend while Redis is away, for the next `forMs`; see `Claim`. */
  claim(claim: Claim, forMs: number): void {
    this.lease.take(claim, forMs)
  }

  async acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit> {
    await this.probe(this.granted.of(budget))
    return this.attempt(budget, async (limiter, granted) => {
      if (limiter instanceof LocalLimiter) await this.reblock(limiter, granted)
      return limiter.acquire(granted, weight, lane, turn)
    })
  }

  /** How long such a step of a write would have to wait now, ms; charges nothing. */
  peek(budget: Budget, lane: Lane, weight = 1): Promise<number> {
    return this.attempt(budget, (limiter, granted) => limiter.peek(granted, lane, weight))
  }

  /** Learns what stands in the shared bucket, or comes back to it; to be called every second or so. */
  async refresh(budget: Budget): Promise<void> {
    await this.probe(this.granted.of(budget))
    await this.peek(budget, 'protect')
  }

  /** A reservation of the other limiter is simply unknown, and stays charged. */
  refund(budget: Budget, reservation: string): Promise<void> {
    return this.attempt(budget, (limiter, granted) => limiter.refund(granted, reservation))
  }

  block(budget: Budget, until: Date): Promise<void> {
    const known = this.blocks.get(budget.bucket)
    if (!known || known.until < until) this.blocks.set(budget.bucket, { budget, until })
    return this.attempt(budget, (limiter, granted) => limiter.block(granted, until))
  }

  observe(budget: Budget, verdict: Verdict): Promise<void> {
    this.granted.learn(budget, verdict)
    return this.attempt(budget, (limiter, granted) => limiter.observe(granted, verdict))
  }

  /** Asks Redis, or this process alone, about the budget as the platform grants it. */
  private async attempt<T>(
    budget: Budget,
    ask: (limiter: RedisLimiter | LocalLimiter, granted: Budget) => Promise<T>,
  ): Promise<T> {
    const granted = this.granted.of(budget)
    if (this.local === null) {
      try {
        return await ask(this.parts.redis, granted)
      } catch (error) {
        if (error instanceof RangeError) throw error
        this.degrade(error)
      }
    }
    return ask(this.local ?? this.degrade(new Error('Redis went away meanwhile')), granted)
  }

  private degrade(error: unknown): LocalLimiter {
    this.probeAt = this.now() + PROBE_AFTER_MS
    if (this.local) return this.local
    const { clock, liveInstances, redis } = this.parts
    this.local = new LocalLimiter({
      clock,
      instances: liveInstances(),
      claim: () => this.lease.current(),
      lastLevel: (budget) => redis.levels.last(budget, this.now()),
    })
    const reason = error instanceof Error ? error.message : String(error)
    this.parts.log('warn', 'Outbound budgets: Redis does not answer, this process keeps to its own share', { reason })
    return this.local
  }

  /** Asks Redis again, and charges it with what was spent alone. Calls wait for the answer, so that none is lost. */
  private async probe(budget: Budget): Promise<void> {
    if (this.local && !this.probing && this.now() >= this.probeAt) {
      this.probing = this.handBack(this.local, budget).finally(() => (this.probing = null))
    }
    await this.probing
  }

  private async handBack(local: LocalLimiter, asked: Budget): Promise<void> {
    const { redis, log } = this.parts
    try {
      await redis.charge(asked, 0)
      for (const { budget, units } of local.spent()) {
        await redis.charge(budget, units)
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
    log('info', 'Outbound budgets: Redis answers again', {})
  }

  /** A Redis that forgot the bucket forgot that it was blocked. */
  private async blockAgain(budget: Budget): Promise<void> {
    const block = this.blocks.get(budget.bucket)
    if (!block || block.until.getTime() <= this.now()) return
    try {
      await this.parts.redis.block(budget, block.until)
    } catch (error) {
      this.degrade(error)
    }
  }

  private async reblock(local: LocalLimiter, budget: Budget): Promise<void> {
    const block = this.blocks.get(budget.bucket)
    if (block) await local.block(budget, block.until)
  }

  private now(): number {
    return this.parts.clock.now().getTime()
  }
}

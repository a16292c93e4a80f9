import { readFileSync } from 'node:fs'
import type { Cluster, Redis, Result } from 'ioredis'
import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/clock.js'
import { bucketOf, laneRule, verdictLevel } from './budget.js'
import type { Budget, Permit, RateLimiter, Verdict } from './limiter.js'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    leakyBucket(
      bucketKey: string,
      openKey: string,
      verb: string,
      ...numbers: (number | string)[]
    ): Result<[number, number | string], Context>
  }
}

const SCRIPT = readFileSync(new URL('../../../lua/leaky-bucket.lua', import.meta.url), 'utf8')

/** One bucket per budget in Redis, on Redis' clock, shared by all processes. Rejects when Redis does not answer. */
export class RedisLimiter implements RateLimiter {
  constructor(
    private readonly redis: Redis | Cluster,
    private readonly clock: Clock,
  ) {
    redis.defineCommand('leakyBucket', { numberOfKeys: 2, lua: SCRIPT })
  }

  async acquire(budget: Budget, weight: number, lane: Lane): Promise<Permit> {
    const { ceiling, startBelow, floorMs } = laneRule(bucketOf(budget), weight, lane)
    const [granted, answer] = await this.run(budget, 'acquire', weight, ceiling, startBelow ?? -1, floorMs ?? -1)
    return granted === 1 ? { granted: true, reservation: String(answer) } : { granted: false, waitMs: Number(answer) }
  }

  /** How long a call of weight 1 would have to wait now, ms; charges nothing. */
  async peek(budget: Budget, lane: Lane): Promise<number> {
    const { ceiling, startBelow, floorMs } = laneRule(bucketOf(budget), 1, lane)
    const [, waitMs] = await this.run(budget, 'peek', 1, ceiling, startBelow ?? -1, floorMs ?? -1)
    return Number(waitMs)
  }

  async refund(budget: Budget, reservation: string): Promise<void> {
    await this.run(budget, 'refund', reservation)
  }

  async block(budget: Budget, until: Date): Promise<void> {
    await this.run(budget, 'block', until.getTime() - this.clock.now().getTime())
  }

  async observe(budget: Budget, verdict: Verdict): Promise<void> {
    await this.run(budget, 'observe', verdictLevel(bucketOf(budget), verdict))
  }

  /** Adds what was spent while Redis was not asked. */
  async charge(budget: Budget, units: number): Promise<void> {
    await this.run(budget, 'charge', units)
  }

  private run(budget: Budget, verb: string, ...rest: (number | string)[]): Promise<[number, number | string]> {
    const { burst, rate, longestBlockMs } = bucketOf(budget)
    const key = `{limit:${budget.bucket}}`
    return this.redis.leakyBucket(key, `${key}:open`, verb, burst, rate, longestBlockMs, ...rest)
  }
}

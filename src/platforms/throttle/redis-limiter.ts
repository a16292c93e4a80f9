import { readFileSync } from 'node:fs'
import type { Cluster, Redis, Result } from 'ioredis'
import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import { bucketOf, laneRule, reportedLevel } from './budget.js'
import type { Budget, Permit, RateLimiter, Turn, RateLimitStatus } from './limiter.js'
import { SharedLevels } from './shared-levels.js'

type ScriptReply = [result: number, value: number | string, level: string, born: string]

declare module 'ioredis' {
  interface RedisCommander<Context> {
    leakyBucket(
      bucketKey: string,
      openKey: string,
      waitingKey: string,
      verb: string,
      ...numbers: (number | string)[]
    ): Result<ScriptReply, Context>
  }
}

const SCRIPT = readFileSync(new URL('../../../lua/leaky-bucket.lua', import.meta.url), 'utf8')

/** One bucket per budget in Redis, on Redis' clock, shared by all processes. Rejects when Redis is unavailable. */
export class RedisLimiter implements RateLimiter {
  readonly levels = new SharedLevels()
  /** Called when Redis has created the bucket again, so that its previous state is lost. */
  onBucketLost: (budget: Budget) => void = () => undefined

  constructor(
    private readonly redis: Redis | Cluster,
    private readonly clock: Clock,
  ) {
    redis.defineCommand('leakyBucket', { numberOfKeys: 3, lua: SCRIPT })
  }

  async acquire(budget: Budget, weight: number, lane: Lane, turn?: Turn): Promise<Permit> {
    const rule = laneRule(bucketOf(budget), weight, lane, turn)
    const [granted, value] = await this.run(budget, 'acquire', weight, ...argumentsOf(rule), turn?.waiter ?? '')
    return granted === 1 ? { granted: true, reservation: String(value) } : { granted: false, waitMs: Number(value) }
  }

  /** How long a step of a write of this weight would have to wait now, ms; charges nothing. */
  async peek(budget: Budget, lane: Lane, weight = 1): Promise<number> {
    const rule = laneRule(bucketOf(budget), weight, lane, { forWrite: true })
    const [, waitMs] = await this.run(budget, 'peek', weight, ...argumentsOf(rule), '')
    return Number(waitMs)
  }

  async refund(budget: Budget, reservation: string): Promise<void> {
    await this.run(budget, 'refund', reservation)
  }

  async block(budget: Budget, until: Date): Promise<void> {
    await this.run(budget, 'block', until.getTime() - this.now())
  }

  async observe(budget: Budget, status: RateLimitStatus): Promise<void> {
    await this.run(budget, 'observe', reportedLevel(bucketOf(budget), status))
  }

  /** Adds what was spent while Redis was unavailable. */
  async charge(budget: Budget, units: number): Promise<void> {
    await this.run(budget, 'charge', units)
  }

  private async run(budget: Budget, verb: string, ...rest: (number | string)[]): Promise<ScriptReply> {
    const { burst, rate, maxBlockMs } = bucketOf(budget)
    const key = `{limit:${budget.bucket}}`
    const expected = this.levels.expected(budget, this.now())
    const known = [expected?.born ?? 0, expected?.level ?? -1]
    const keys = [key, `${key}:open`, `${key}:waiting`] as const
    const reply = await this.redis.leakyBucket(...keys, verb, burst, rate, maxBlockMs, ...known, ...rest)
    const [, , level, born] = reply
    if (this.levels.record(budget, Number(level), born, this.now())) this.onBucketLost(budget)
    return reply
  }

  private now(): number {
    return this.clock.now().getTime()
  }
}

function argumentsOf({ ceiling, startBelow, floorMs, rank }: ReturnType<typeof laneRule>): number[] {
  return [ceiling, startBelow ?? -1, floorMs ?? -1, rank]
}

import { readFileSync } from 'node:fs'
import type { Cluster, Redis, Result } from 'ioredis'
import type { Clock } from '../../infrastructure/time/clock.js'
import { bucketOf } from './budget.js'
import type { Budget } from './limiter.js'
import type { BucketReply, KnownBucket } from './shared-levels.js'
import { SharedLimiter, type BucketCommand } from './shared-limiter.js'

type ScriptReply = [
  result: number,
  value: number | string,
  level: string,
  born: string,
  assumed: string,
  version: number,
  blockedForMs: number,
]

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

/** The shared buckets in Redis, on its clock. */
export class RedisLimiter extends SharedLimiter {
  constructor(
    private readonly redis: Redis | Cluster,
    clock: Clock,
  ) {
    super(clock)
    redis.defineCommand('leakyBucket', { numberOfKeys: 3, lua: SCRIPT })
  }

  protected async execute(budget: Budget, command: BucketCommand, known: KnownBucket): Promise<BucketReply> {
    const { burst, rate, maxBlockMs } = bucketOf(budget)
    const key = `{limit:${budget.bucket}}`
    const [done, value, level, born, assumed, version, blockedForMs] = await this.redis.leakyBucket(
      key,
      `${key}:open`,
      `${key}:waiting`,
      command.verb,
      burst,
      rate,
      maxBlockMs,
      known?.born ?? 0,
      known?.level ?? -1,
      known?.assumed ?? 0,
      known?.version ?? 0,
      ...argumentsOf(command),
    )
    return { done: done === 1, value, level: Number(level), born, assumed: Number(assumed), version, blockedForMs }
  }
}

function argumentsOf(command: BucketCommand): (number | string)[] {
  if (command.verb === 'refund') return [command.reservation]
  if (command.verb === 'block') return [command.forMs]
  if (command.verb === 'observe') return [command.level]
  if (command.verb === 'charge') return [command.units, command.isAll ? 1 : 0]
  const { ceiling, startBelow, floorMs, rank } = command.rule
  return [command.weight, ceiling, startBelow ?? -1, floorMs ?? -1, rank, command.waiter]
}

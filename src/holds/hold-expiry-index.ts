import { Injectable, Logger } from '@nestjs/common'
import type { Result } from 'ioredis'
import { readFileSync } from 'node:fs'
import type { Hold } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/time/clock.js'
import { JobQueues } from '../infrastructure/queues/job-queues.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { InjectRedis } from '../infrastructure/redis/redis-clients.js'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    watchHolds(...args: (string | number)[]): Result<number, Context>
    dueHolds(...args: (string | number)[]): Result<string[], Context>
  }
}

export interface ExpiryJob {
  eventId: string
}

/** Longer than the longest hold. */
const INDEX_TTL_MS = 90_000_000
/** A hold leased for expiry and not removed within this time is leased again. */
const LEASE_MS = 5_000
/** Jobs run a little after the full second, to allow for clock skew. */
const CLOCK_SLACK_MS = 200
const BATCH = 250

const script = (name: string) => readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8')
const holdsKey = (eventId: string) => `event:{${eventId}}:holds`

/**
 * Expiry times of holds in Redis: one sorted set per event, and one delayed job per event and second.
 * Best effort: the sweep over the hold rows finds what Redis loses.
 */
@Injectable()
export class HoldExpiryIndex {
  private readonly logger = new Logger(HoldExpiryIndex.name)

  constructor(
    @InjectRedis('gate') private readonly redis: RedisClient,
    private readonly queues: JobQueues,
    private readonly clock: Clock,
  ) {
    redis.defineCommand('watchHolds', { numberOfKeys: 1, lua: script('watch-holds') })
    redis.defineCommand('dueHolds', { numberOfKeys: 1, lua: script('due-holds') })
  }

  add(eventId: string, holds: readonly Pick<Hold, 'id' | 'expiresAt'>[]): void {
    const now = this.clock.now().getTime()
    const entries = holds.flatMap(({ id, expiresAt }) => [id, Math.max(0, expiresAt.getTime() - now)])
    const seconds = new Set(holds.map(({ expiresAt }) => Math.ceil(expiresAt.getTime() / 1000)))
    const jobs = [...seconds].map((second) => ({
      name: 'expire',
      data: { eventId } satisfies ExpiryJob,
      id: `${eventId}-${second}`,
      delayMs: Math.max(0, second * 1000 - now) + CLOCK_SLACK_MS,
    }))
    const index = this.redis.watchHolds(holdsKey(eventId), INDEX_TTL_MS, ...entries)
    Promise.all([index, this.queues.addAll(QUEUES.holds, jobs)]).catch((error: unknown) =>
      this.logger.debug({ err: error, eventId }, 'failed to index holds for expiry; the sweep will expire them'),
    )
  }

  /** Resolved holds no longer need an expiry check. */
  remove(eventId: string, holdIds: readonly string[]): void {
    if (holdIds.length === 0) return
    this.redis
      .zrem(holdsKey(eventId), ...holdIds)
      .catch((error: unknown) =>
        this.logger.debug(
          { err: error, eventId },
          'failed to remove resolved holds from the expiry index; they are checked once more',
        ),
      )
  }

  /** Leases a batch of holds that are overdue by the Redis clock; the next call returns others. */
  leaseDue(eventId: string): Promise<string[]> {
    return this.redis.dueHolds(holdsKey(eventId), LEASE_MS, BATCH)
  }
}

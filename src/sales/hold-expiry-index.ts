import { InjectQueue } from '@nestjs/bullmq'
import { Injectable, Logger } from '@nestjs/common'
import type { Queue } from 'bullmq'
import type { Result } from 'ioredis'
import { readFileSync } from 'node:fs'
import type { Hold } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
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

/** Longer than any hold lives. */
const KEPT_MS = 90_000_000
/** A hold handed out for expiry and not settled within this time is handed out again. */
const LEASE_MS = 5_000
/** A job looks a little after the full second, for clocks that differ. */
const SLACK_MS = 200
const BATCH = 250

const script = (name: string) => readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8')
const holdsKey = (eventId: string) => `event:{${eventId}}:holds`

/**
 * Remembers in Redis when to look at which hold: one sorted set per event, and one delayed job per event and second.
 * Only a memory aid: what Redis loses is found by the sweep over the hold rows.
 */
@Injectable()
export class HoldExpiryIndex {
  private readonly logger = new Logger(HoldExpiryIndex.name)

  constructor(
    @InjectRedis('gate') private readonly redis: RedisClient,
    @InjectQueue(QUEUES.holds) private readonly jobs: Queue<ExpiryJob>,
    private readonly clock: Clock,
  ) {
    redis.defineCommand('watchHolds', { numberOfKeys: 1, lua: script('watch-holds') })
    redis.defineCommand('dueHolds', { numberOfKeys: 1, lua: script('due-holds') })
  }

  watch(eventId: string, holds: readonly Pick<Hold, 'id' | 'expiresAt'>[]): void {
    const now = this.clock.now().getTime()
    const left = holds.flatMap(({ id, expiresAt }) => [id, Math.max(0, expiresAt.getTime() - now)])
    const seconds = new Set(holds.map(({ expiresAt }) => Math.ceil(expiresAt.getTime() / 1000)))
    const wakes = [...seconds].map((second) => ({
      name: 'expire',
      data: { eventId },
      opts: { jobId: `${eventId}-${second}`, delay: Math.max(0, second * 1000 - now) + SLACK_MS },
    }))
    const asked = [this.redis.watchHolds(holdsKey(eventId), KEPT_MS, ...left), this.jobs.addBulk(wakes)]
    Promise.all(asked).catch((error: unknown) =>
      this.logger.debug({ err: error, eventId }, 'the expiry of holds is left to the sweep'),
    )
  }

  /** These need no look any more. */
  forget(eventId: string, holdIds: readonly string[]): void {
    if (holdIds.length === 0) return
    this.redis
      .zrem(holdsKey(eventId), ...holdIds)
      .catch((error: unknown) => this.logger.debug({ err: error, eventId }, 'settled holds are looked at once more'))
  }

  /** Holds whose time is over by the clock of Redis, a bounded number; the next call answers others. */
  due(eventId: string): Promise<string[]> {
    return this.redis.dueHolds(holdsKey(eventId), LEASE_MS, BATCH)
  }
}

import { readFileSync } from 'node:fs'
import type { Cluster, Redis, Result } from 'ioredis'
import { HoldTimes } from '../../holds/hold-times.js'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    watchHolds(...args: (string | number)[]): Result<number, Context>
    dueHolds(...args: (string | number)[]): Result<string[], Context>
  }
}

const script = (name: string) => readFileSync(new URL(`../../../lua/${name}.lua`, import.meta.url), 'utf8')
const holdsKey = (eventId: string) => `event:{${eventId}}:holds`

/** One sorted set per event. */
export class RedisHoldTimes extends HoldTimes {
  constructor(private readonly redis: Redis | Cluster) {
    super()
    redis.defineCommand('watchHolds', { numberOfKeys: 1, lua: script('watch-holds') })
    redis.defineCommand('dueHolds', { numberOfKeys: 1, lua: script('due-holds') })
  }

  async add(eventId: string, holds: readonly { id: string; remainingMs: number }[], ttlMs: number): Promise<void> {
    const entries = holds.flatMap(({ id, remainingMs }) => [id, remainingMs])
    await this.redis.watchHolds(holdsKey(eventId), ttlMs, ...entries)
  }

  async remove(eventId: string, holdIds: readonly string[]): Promise<void> {
    if (holdIds.length > 0) await this.redis.zrem(holdsKey(eventId), ...holdIds)
  }

  leaseDue(eventId: string, leaseMs: number, limit: number): Promise<string[]> {
    return this.redis.dueHolds(holdsKey(eventId), leaseMs, limit)
  }
}

import { Injectable } from '@nestjs/common'
import { API_PLATFORMS, type Platform } from '../../domain/channel.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { newId } from '../../infrastructure/ids.js'
import type { RedisClient } from '../../infrastructure/redis/create-redis.js'
import { InjectRedis } from '../../infrastructure/redis/redis-clients.js'
import { worstOf, type BreakerState } from '../../platforms/http/breaker.js'
import { Outbound } from '../../platforms/outbound.js'
import { Platforms } from '../../platforms/platforms.js'
import type { PlatformStateDto } from './platforms.dto.js'

const KEY = 'traffic-police:breakers'
const PUBLISH_INTERVAL_MS = 5_000
/** A process that has not published within this time has ended. */
const EXPIRY_MS = 15_000

interface PublishedBreakers {
  at: number
  breakers: Partial<Record<Platform, BreakerState>>
}

/** State of the connections to each platform with an API. Breakers are per process: each process that makes calls publishes its own. */
@Injectable()
export class PlatformStates {
  private readonly processId = newId('ins')

  constructor(
    private readonly outbound: Outbound,
    private readonly platforms: Platforms,
    private readonly clock: Clock,
    @InjectRedis('queue') private readonly redis: RedisClient,
  ) {}

  async list(): Promise<PlatformStateDto[]> {
    const published = await this.readPublished()
    return Promise.all(API_PLATFORMS.map((platform) => this.of(platform, published)))
  }

  private async of(platform: Platform, published: readonly PublishedBreakers[]): Promise<PlatformStateDto> {
    const adapters = this.platforms.usable(platform).map(({ adapter }) => adapter)
    const { breaker, budget, waitMs } = await this.outbound.statusOfPlatform(platform)
    const all = [breaker, ...published.flatMap(({ breakers }) => breakers[platform] ?? [])]
    return {
      platform,
      configured: adapters.some(({ configured }) => configured),
      hasWebhooks: adapters.some(({ hasWebhooks }) => hasWebhooks),
      canVoid: adapters.some(({ canVoid }) => canVoid),
      breaker: worstOf(all),
      throttleWaitMs: waitMs,
      rateLimit: `${budget.limit}/${budget.windowSeconds}`,
      asOf: this.clock.now().toISOString(),
    }
  }

  /** The breakers of this process, for the others. */
  @Periodic({ name: 'circuit breaker report', every: PUBLISH_INTERVAL_MS })
  async publish(): Promise<void> {
    const states = API_PLATFORMS.map((platform) => [platform, this.outbound.breakerOf(platform)])
    const breakers = Object.fromEntries(states) as PublishedBreakers['breakers']
    const published: PublishedBreakers = { at: this.clock.now().getTime(), breakers }
    await this.redis.hset(KEY, this.processId, JSON.stringify(published))
    await this.redis.pexpire(KEY, EXPIRY_MS)
  }

  /** Published by all live processes; empty while Redis is unavailable. */
  private async readPublished(): Promise<PublishedBreakers[]> {
    const fields = await this.redis.hgetall(KEY).catch(() => ({}))
    const since = this.clock.now().getTime() - EXPIRY_MS
    const published = Object.entries(fields).map(([id, text]) => ({ id, ...(JSON.parse(text) as PublishedBreakers) }))
    const expired = published.filter(({ at }) => at < since)
    if (expired.length > 0) await this.redis.hdel(KEY, ...expired.map(({ id }) => id)).catch(() => 0)
    return published.filter(({ at }) => at >= since)
  }
}

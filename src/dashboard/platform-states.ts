import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { ApiProperty } from '@nestjs/swagger'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import { Clock } from '../infrastructure/clock.js'
import { newId } from '../infrastructure/ids.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { InjectRedis } from '../infrastructure/redis/redis-clients.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import type { BreakerState } from '../platforms/http/breaker.js'
import { Outbound } from '../platforms/outbound.js'
import { Platforms } from '../platforms/platforms.js'

const BREAKERS = ['CLOSED', 'HALF_OPEN', 'OPEN'] as const satisfies readonly BreakerState[]

export class PlatformStateDto {
  @ApiProperty({ enum: PLATFORMS }) platform!: Platform
  @ApiProperty({ description: 'Credentials are set' }) configured!: boolean
  @ApiProperty({ description: 'It tells of sales itself; else it is asked' }) hasWebhooks!: boolean
  @ApiProperty({ description: 'Oversold tickets can be undone through its API' }) canVoid!: boolean
  @ApiProperty({ enum: BREAKERS, description: 'The worst of all processes that call the platform' }) breaker!: string
  @ApiProperty({ type: Number, nullable: true, description: 'How long a call would wait for budget; null: unknown' })
  throttleWaitMs!: number | null
  @ApiProperty({ example: '2000/3600', description: 'Calls (Meetup: points) per seconds' }) rateLimit!: string
  @ApiProperty() asOf!: string
}

const KEY = 'traffic-police:breakers'
const TELL_EVERY_MS = 5_000
/** A process that has not told for so long has ended. */
const FORGET_MS = 15_000

interface Told {
  at: number
  breakers: Partial<Record<Platform, BreakerState>>
}

/** How it stands between us and the platforms. Breakers are per process: those that call out tell of theirs. */
@Injectable()
export class PlatformStates implements BeforeApplicationShutdown {
  private readonly logger = new Logger(PlatformStates.name)
  private readonly self = newId('ins')
  private repeating: Repeating | null = null

  constructor(
    private readonly outbound: Outbound,
    private readonly platforms: Platforms,
    private readonly clock: Clock,
    @InjectRedis('queue') private readonly redis: RedisClient,
  ) {}

  start(): void {
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'breakers could not be told to others')
    this.repeating = repeatEvery(TELL_EVERY_MS, () => this.tell(), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  async list(): Promise<PlatformStateDto[]> {
    const told = await this.told()
    return Promise.all(PLATFORMS.map((platform) => this.of(platform, told)))
  }

  private async of(platform: Platform, told: readonly Told[]): Promise<PlatformStateDto> {
    const { configured, hasWebhooks, canVoid } = this.platforms.get(platform)
    const { breaker, budget, waitMs } = await this.outbound.standing(platform)
    const all = [breaker, ...told.flatMap(({ breakers }) => breakers[platform] ?? [])]
    return {
      platform,
      configured,
      hasWebhooks,
      canVoid,
      breaker: BREAKERS.findLast((state) => all.includes(state)) ?? breaker,
      throttleWaitMs: waitMs,
      rateLimit: `${budget.limit}/${budget.windowSeconds}`,
      asOf: this.clock.now().toISOString(),
    }
  }

  private async tell(): Promise<void> {
    const states = PLATFORMS.map((platform) => [platform, this.outbound.ways.get(platform)?.breakerState()])
    const told: Told = { at: this.clock.now().getTime(), breakers: Object.fromEntries(states) as Told['breakers'] }
    await this.redis.hset(KEY, this.self, JSON.stringify(told))
    await this.redis.pexpire(KEY, FORGET_MS)
  }

  /** What other processes told lately; nothing while Redis is away. */
  private async told(): Promise<Told[]> {
    const fields = await this.redis.hgetall(KEY).catch(() => ({}))
    const since = this.clock.now().getTime() - FORGET_MS
    const told = Object.entries(fields).map(([id, text]) => ({ id, ...(JSON.parse(text) as Told) }))
    const ended = told.filter(({ at }) => at < since)
    if (ended.length > 0) await this.redis.hdel(KEY, ...ended.map(({ id }) => id)).catch(() => 0)
    return told.filter(({ at }) => at >= since)
  }
}

import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import { newId } from '../infrastructure/ids.js'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import { InjectRedis } from '../infrastructure/redis/redis-clients.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { RedisProbe, type RedisObservation } from './redis-probe.js'

const MAX_PAUSE_MS = 250
/** One failure may be this process' own pause. */
const FAILURES = 2

/** Looks at Redis all the time, for this process alone. */
@Injectable()
export class RedisWatch implements BeforeApplicationShutdown {
  readonly probe: RedisProbe
  private repeating: Repeating | null = null
  private firstLook: Promise<void> | null = null
  private startedAt = 0
  private answeredAt: number | null = null
  private answeredOn: Date | null = null
  private steadySince: number | null = null
  private failures = 0
  private seen: RedisObservation | null = null
  private syncError = 'it was not asked yet'

  constructor(
    private readonly config: Config,
    @InjectRedis('health') redis: RedisClient,
  ) {
    this.probe = new RedisProbe(redis, newId('ins'))
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    this.firstLook ??= new Promise((resolve) => {
      this.startedAt = performance.now()
      const pauseMs = Math.min(MAX_PAUSE_MS, this.config.failSafe.afterMs / 8)
      this.repeating = repeatEvery(
        pauseMs,
        () => this.look().finally(resolve),
        () => undefined,
      )
    })
    await this.firstLook
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  /** Redis has not answered for FAIL_SAFE_AFTER_MS. */
  get gone(): boolean {
    if (!this.repeating || this.failures < FAILURES) return false
    return performance.now() - (this.answeredAt ?? this.startedAt) >= this.config.failSafe.afterMs
  }

  /** Nothing may be decided: Redis is gone, or has not answered once since the start. Not started: false. */
  get away(): boolean {
    return this.repeating !== null && (this.answeredAt === null || this.gone)
  }

  /** For how long every look has been answered, by the same server, ms. */
  get steadyMs(): number {
    return this.steadySince === null ? 0 : performance.now() - this.steadySince
  }

  /** The last look, while Redis answers. */
  get sight(): RedisObservation | null {
    return this.steadySince === null ? null : this.seen
  }

  /** Why the last look failed. */
  get why(): string {
    return this.syncError
  }

  /** When Redis last answered; null: not once. */
  get lastAnswer(): Date | null {
    return this.answeredOn
  }

  private async look(): Promise<void> {
    try {
      const sight = await this.probe.look()
      if (sight.identity !== this.seen?.identity) this.steadySince = null
      this.seen = sight
      this.answeredAt = performance.now()
      this.answeredOn = new Date()
      this.steadySince ??= this.answeredAt
      this.failures = 0
    } catch (error) {
      this.steadySince = null
      this.failures += 1
      this.syncError = error instanceof Error ? error.message : String(error)
    }
  }
}

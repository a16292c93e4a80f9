import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import { RedisHealth, type RedisObservation } from '../infrastructure/redis/redis-health.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'

const MAX_PAUSE_MS = 250
/** A single failure may be a pause of this process. */
const MIN_FAILURES = 2

/** Probes Redis continuously for this process. */
@Injectable()
export class RedisWatch implements BeforeApplicationShutdown {
  private repeating: Repeating | null = null
  private firstObservation: Promise<void> | null = null
  private startedAtMs = 0
  private respondedAtMs: number | null = null
  private respondedAt: Date | null = null
  private steadySinceMs: number | null = null
  private failures = 0
  private lastObservation: RedisObservation | null = null
  private errorMessage = 'not checked yet'

  constructor(
    private readonly config: Config,
    private readonly health: RedisHealth,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** Resolves after the first probe. */
  async start(): Promise<void> {
    this.firstObservation ??= new Promise((resolve) => {
      this.startedAtMs = this.clock.monotonicMs()
      const pauseMs = Math.min(MAX_PAUSE_MS, this.config.failSafe.afterMs / 8)
      this.repeating = repeatEvery(
        this.timers,
        pauseMs,
        () => this.observe().finally(resolve),
        () => undefined,
      )
    })
    await this.firstObservation
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  /** Redis has not responded for FAIL_SAFE_AFTER_MS. */
  get unreachable(): boolean {
    if (!this.repeating || this.failures < MIN_FAILURES) return false
    return this.clock.monotonicMs() - (this.respondedAtMs ?? this.startedAtMs) >= this.config.failSafe.afterMs
  }

  /** Stock must not be changed: Redis is unreachable or has never responded since the start. Not started: false. */
  get unavailable(): boolean {
    return this.repeating !== null && (this.respondedAtMs === null || this.unreachable)
  }

  /** For how long every probe has succeeded on the same server. */
  get steadyMs(): number {
    return this.steadySinceMs === null ? 0 : this.clock.monotonicMs() - this.steadySinceMs
  }

  /** The last observation; null while probes fail. */
  get observation(): RedisObservation | null {
    return this.steadySinceMs === null ? null : this.lastObservation
  }

  /** The error of the last failed probe. */
  get lastError(): string {
    return this.errorMessage
  }

  /** When Redis last responded; null: never. */
  get lastResponseAt(): Date | null {
    return this.respondedAt
  }

  private async observe(): Promise<void> {
    try {
      const observation = await this.health.observe()
      if (observation.identity !== this.lastObservation?.identity) this.steadySinceMs = null
      this.lastObservation = observation
      this.respondedAtMs = this.clock.monotonicMs()
      this.respondedAt = this.clock.now()
      this.steadySinceMs ??= this.respondedAtMs
      this.failures = 0
    } catch (error) {
      this.steadySinceMs = null
      this.failures += 1
      this.errorMessage = error instanceof Error ? error.message : String(error)
    }
  }
}

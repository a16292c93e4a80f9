import { createHash } from 'node:crypto'
import { Injectable, Logger, Optional, type OnApplicationShutdown } from '@nestjs/common'
import type { Lane, Platform } from '../domain/channel.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Random } from '../infrastructure/time/random.js'
import { Timers } from '../infrastructure/time/timers.js'
import type { RateLimit } from '../infrastructure/config/env-parsers.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { ChannelCount } from './channel-count.js'
import { AxiosPlatformHttp } from './http/axios-platform-http.js'
import type { BreakerState } from './http/breaker.js'
import { PlatformTransport } from './http/platform-transport.js'
import { bucketOf } from './throttle/budget.js'
import type { Claim } from './throttle/claim.js'
import type { Budget, RateLimiter } from './throttle/limiter.js'
import type { Log } from './log.js'
import { platformBudget, reserveFor } from './throttle/platform-budget.js'
import { traitsOf } from './registry.js'

/** Lease of a claim on the budgets, ms: a closing process that stalls longer loses it. */
const CLAIM_MS = 60_000
/** Interval at which each process reads the shared budgets, ms: it must know their levels when Redis loses them. */
const REFRESH_INTERVAL_MS = 1_000

/** `RateLimiter` as an injection token. */
export abstract class RateLimiterPort implements RateLimiter {
  /** True: the shared budgets are unavailable, and this process spends only its own share. */
  abstract readonly degraded: boolean
  abstract acquire: RateLimiter['acquire']
  /** How long such a call would have to wait now, ms; charges nothing. */
  abstract peek(budget: Budget, lane: Lane, weight?: number): Promise<number>
  /** Reads the level of the shared bucket, or reconnects to it. */
  abstract refresh(budget: Budget): Promise<void>
  /** What this process may spend while Redis is unavailable, for the next `forMs`. */
  abstract claim(claim: Claim, forMs: number): void
  abstract refund: RateLimiter['refund']
  abstract block: RateLimiter['block']
  abstract observe: RateLimiter['observe']
}

/** Creates the HTTP client of each platform, with a budget per credential, a circuit breaker and metrics. */
@Injectable()
export class Outbound implements OnApplicationShutdown {
  private readonly logger = new Logger('Outbound')
  private readonly budgets = new Map<Platform, Budget>()
  readonly clients = new Map<Platform, AxiosPlatformHttp>()
  /** Budgets known to be unspent that the limiter has not been updated with yet; null: not determined yet. */
  private unspent: Budget[] | null = null

  constructor(
    readonly limiter: RateLimiterPort,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly channels: ChannelCount,
    private readonly timers: Timers,
    private readonly random: Random,
    /** Default: sockets. */
    @Optional() private readonly transport?: PlatformTransport,
  ) {}

  createClient(platform: Platform, credential: string | null, rate: RateLimit): AxiosPlatformHttp {
    const fingerprint = createHash('sha256')
      .update(credential ?? '')
      .digest('hex')
      .slice(0, 12)
    const bucket = `${platform.toLowerCase()}:${fingerprint}`
    const budget = platformBudget(platform, bucket, rate)
    this.budgets.set(platform, budget)
    const requests = this.metrics.counter('outbound_requests_total', 'Requests to platforms', [
      'platform',
      'op',
      'status_class',
    ])
    const throttled = this.metrics.counter(
      'throttled_total',
      'Requests refused by a rate limit, ours or the platform’s',
      ['platform'],
    )
    const seconds = this.metrics.histogram('outbound_request_seconds', 'Duration of requests to platforms', [
      'platform',
      'op',
    ])
    const client = new AxiosPlatformHttp({
      platform,
      budget,
      limiter: this.limiter,
      clock: this.clock,
      timers: this.timers,
      random: () => this.random.next(),
      transport: this.transport,
      log: this.log,
      observe: (call) => {
        requests.inc({ platform, op: call.operation, status_class: call.statusClass })
        seconds.observe({ platform, op: call.operation }, call.seconds)
        if (call.throttled) throttled.inc({ platform })
      },
    })
    this.clients.set(platform, client)
    return client
  }

  /**
   * Circuit breaker, budget and current wait of a platform; charges nothing. `waitMs`: for a call that raises a cap.
   */
  async status(platform: Platform): Promise<{ breaker: BreakerState; budget: Budget; waitMs: number }> {
    const budget = this.budgetOf(platform)
    const breaker = this.clients.get(platform)?.breakerState() ?? 'CLOSED'
    const { capWriteCost } = traitsOf(platform).rateLimit
    return { breaker, budget, waitMs: await this.limiter.peek(budget, 'grow', capWriteCost) }
  }

  /** The largest weight that a call of any lane can be granted. */
  maxWeightPerCall(platform: Platform): number {
    const budget = this.budgetOf(platform)
    return Math.floor(bucketOf(budget).burst * (1 - budget.reserve))
  }

  /**
   * While Redis is unavailable: `whole` for the one process that closes every platform, `none` for the others. A claim
   * expires after a minute, so it must be renewed while closing is in progress.
   */
  claimBudgets(claim: Claim): void {
    this.limiter.claim(claim, CLAIM_MS)
  }

  /** Rejects while Redis or, at first, PostgreSQL is unavailable. */
  @Periodic({ name: 'outbound limit refresh', every: REFRESH_INTERVAL_MS, runsIn: 'every process' })
  async refresh(): Promise<void> {
    for (const budget of this.budgets.values()) await this.limiter.refresh(budget)
    this.unspent ??= (await this.channels.total()) > 0 ? [] : [...this.budgets.values()]
    if (!this.limiter.degraded) await this.refundUnspent()
  }

  /** Adapts the reserve for closings to the number of listings. */
  updateReserve(platform: Platform, listings: number): void {
    const budget = this.budgets.get(platform)
    if (budget) budget.reserve = reserveFor(platform, budget, listings)
  }

  /**
   * An installation that had no channel at startup has spent nothing, so its budgets need not start with an assumed
   * charge. Repeated until Redis is reachable.
   */
  private async refundUnspent(): Promise<void> {
    for (const budget of this.unspent ?? []) {
      await this.limiter.observe(budget, { used: 0, limit: budget.limit, resetInMs: budget.windowSeconds * 1_000 })
      this.unspent = (this.unspent ?? []).filter((other) => other !== budget)
    }
  }

  onApplicationShutdown(): void {
    for (const client of this.clients.values()) client.close()
  }

  private budgetOf(platform: Platform): Budget {
    const budget = this.budgets.get(platform)
    if (!budget) throw new Error(`no client for ${platform} has been created`)
    return budget
  }

  readonly log: Log = (level, message, details) => {
    if (level === 'info') this.logger.log(details, message)
    else this.logger[level](details, message)
  }
}

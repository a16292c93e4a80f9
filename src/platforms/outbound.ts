import { createHash } from 'node:crypto'
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { Lane, Platform } from '../domain/channel.js'
import { Clock } from '../infrastructure/clock.js'
import type { RateLimit } from '../infrastructure/config/kinds.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { AxiosPlatformHttp } from './http/axios-platform-http.js'
import type { BreakerState } from './http/breaker.js'
import { bucketOf } from './throttle/budget.js'
import type { Claim } from './throttle/claim.js'
import type { Budget, RateLimiter } from './throttle/limiter.js'
import type { Log } from './log.js'
import { CAP_WRITE, platformBudget, reserveFor } from './platform-budget.js'

/** A closing process that does not finish a turn within this time has given its claim back, ms. */
const CLAIM_MS = 60_000
/** So often each process looks at the shared budgets: it must know them when they are lost. */
const REFRESH_EVERY_MS = 1_000

/** `RateLimiter` as an injection token. */
export abstract class RateLimiterPort implements RateLimiter {
  /** The shared budgets cannot be asked; this process keeps to its own. */
  abstract readonly degraded: boolean
  abstract acquire: RateLimiter['acquire']
  /** How long such a call would have to wait now, ms; charges nothing. */
  abstract peek(budget: Budget, lane: Lane, weight?: number): Promise<number>
  /** Learns what stands in the shared bucket, or comes back to it. */
  abstract refresh(budget: Budget): Promise<void>
  /** What this process may spend while Redis is away, for the next `forMs`. */
  abstract claim(claim: Claim, forMs: number): void
  abstract refund: RateLimiter['refund']
  abstract block: RateLimiter['block']
  abstract observe: RateLimiter['observe']
}

/** Makes the one way out to each platform: budget per credential, breaker, metrics. */
@Injectable()
export class Outbound implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Outbound')
  private readonly budgets = new Map<Platform, Budget>()
  readonly ways = new Map<Platform, AxiosPlatformHttp>()
  private refreshing: Repeating | null = null
  /** Budgets of which it is known that nothing was spent before this process, until the limiter was told. */
  private unspent: Budget[] | null = null

  constructor(
    readonly limiter: RateLimiterPort,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly prisma: PrismaService,
  ) {}

  open(platform: Platform, credential: string | null, rate: RateLimit): AxiosPlatformHttp {
    const fingerprint = createHash('sha256')
      .update(credential ?? '')
      .digest('hex')
      .slice(0, 12)
    const bucket = `${platform.toLowerCase()}:${fingerprint}`
    const budget = platformBudget(platform, bucket, rate)
    this.budgets.set(platform, budget)
    const requests = this.metrics.counter('outbound_requests_total', 'Calls to platforms', [
      'platform',
      'op',
      'status_class',
    ])
    const throttled = this.metrics.counter('throttled_total', 'Calls refused for want of budget', ['platform'])
    const seconds = this.metrics.histogram('outbound_request_seconds', 'Duration of calls to platforms', [
      'platform',
      'op',
    ])
    const way = new AxiosPlatformHttp({
      platform,
      budget,
      limiter: this.limiter,
      clock: this.clock,
      log: this.log,
      observe: (call) => {
        requests.inc({ platform, op: call.operation, status_class: call.statusClass })
        seconds.observe({ platform, op: call.operation }, call.seconds)
        if (call.throttled) throttled.inc({ platform })
      },
    })
    this.ways.set(platform, way)
    return way
  }

  /** What stands between this process and a platform; nothing is charged. `waitMs`: for a call that raises a cap. */
  async standing(platform: Platform): Promise<{ breaker: BreakerState; budget: Budget; waitMs: number }> {
    const budget = this.budgetOf(platform)
    const breaker = this.ways.get(platform)?.breakerState() ?? 'CLOSED'
    return { breaker, budget, waitMs: await this.limiter.peek(budget, 'grow', CAP_WRITE[platform]) }
  }

  /** The most units one call may weigh without waiting for ever, in any lane. */
  mostPerCall(platform: Platform): number {
    const budget = this.budgetOf(platform)
    return Math.floor(bucketOf(budget).burst * (1 - budget.reserve))
  }

  /**
   * While Redis is away: `whole`, for the one process that closes every platform; `none`, for the others meanwhile. To be
   * repeated in each turn of that work: a claim ends after a minute.
   */
  claimBudgets(claim: Claim): void {
    this.limiter.claim(claim, CLAIM_MS)
  }

  async onApplicationBootstrap(): Promise<void> {
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'outbound budgets could not be looked at')
    await this.refresh().catch(failed)
    this.refreshing = repeatEvery(REFRESH_EVERY_MS, () => this.refresh(), failed)
  }

  private async refresh(): Promise<void> {
    for (const budget of this.budgets.values()) await this.limiter.refresh(budget)
    this.unspent ??= (await this.prisma.channel.count()) > 0 ? [] : [...this.budgets.values()]
    if (!this.limiter.degraded) await this.refundUnspent()
  }

  /** The more listings there are, the more of its burst is kept for closing them. */
  keepReserve(platform: Platform, listings: number): void {
    const budget = this.budgets.get(platform)
    if (budget) budget.reserve = reserveFor(platform, budget, listings)
  }

  /**
   * An installation that had no channel when it started has spent nothing: its budgets need not start full of feared
   * debt, however long Redis takes to be asked.
   */
  private async refundUnspent(): Promise<void> {
    for (const budget of this.unspent ?? []) {
      await this.limiter.observe(budget, { used: 0, limit: budget.limit, resetInMs: budget.windowSeconds * 1_000 })
      this.unspent = (this.unspent ?? []).filter((other) => other !== budget)
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.refreshing?.stop()
    for (const way of this.ways.values()) way.close()
  }

  private budgetOf(platform: Platform): Budget {
    const budget = this.budgets.get(platform)
    if (!budget) throw new Error(`no way to ${platform} is open`)
    return budget
  }

  readonly log: Log = (level, message, details) => {
    if (level === 'info') this.logger.log(details, message)
    else this.logger[level](details, message)
  }
}

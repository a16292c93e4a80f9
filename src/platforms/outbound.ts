import { createHash } from 'node:crypto'
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { Lane, Platform } from '../domain/channel.js'
import { Clock } from '../infrastructure/clock.js'
import type { RateLimit } from '../infrastructure/config/kinds.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { AxiosPlatformHttp } from './http/axios-platform-http.js'
import type { BreakerState } from './http/breaker.js'
import { bucketOf } from './throttle/budget.js'
import type { Budget, RateLimiter } from './throttle/limiter.js'
import type { Log } from './log.js'

/** The share of a platform's burst that only `protect` may use. */
const RESERVE: Record<Platform, number> = { EVENTBRITE: 0.15, LUMA: 0.2, MEETUP: 0.2 }

/** `RateLimiter` as an injection token. */
export abstract class RateLimiterPort implements RateLimiter {
  abstract acquire: RateLimiter['acquire']
  /** How long a call of weight 1 would have to wait now, ms; charges nothing. */
  abstract peek(budget: Budget, lane: Lane): Promise<number>
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
    const { limit, windowSeconds } = rate
    // Meetup counts points, and one page of RSVPs costs many: its burst is as large as its window allows.
    const burst = platform === 'MEETUP' ? { burst: limit } : {}
    const budget: Budget = { bucket, limit, windowSeconds, reserve: RESERVE[platform], ...burst }
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
    return { breaker, budget, waitMs: await this.limiter.peek(budget, 'grow') }
  }

  /** The most units one call may weigh without waiting for ever, in any lane. */
  mostPerCall(platform: Platform): number {
    const budget = this.budgetOf(platform)
    return Math.floor(bucketOf(budget).burst * (1 - budget.reserve))
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.forgiveUnspent().catch((error: unknown) => this.logger.debug({ err: error }, 'budgets start with debt'))
  }

  /** An installation that never had a channel has spent nothing: its budgets need not start full of feared debt. */
  private async forgiveUnspent(): Promise<void> {
    if ((await this.prisma.channel.count()) > 0) return
    for (const budget of this.budgets.values()) {
      await this.limiter.observe(budget, { used: 0, limit: budget.limit, resetInMs: budget.windowSeconds * 1_000 })
    }
  }

  onApplicationShutdown(): void {
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

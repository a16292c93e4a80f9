import { createHash } from 'node:crypto'
import { Injectable, Logger, Optional, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common'
import type { Lane, Platform } from '../domain/channel.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Random } from '../infrastructure/time/random.js'
import { Timers } from '../infrastructure/time/timers.js'
import type { RateLimit } from '../infrastructure/config/env-parsers.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { ChannelCount } from './channel-count.js'
import { AxiosPlatformHttp } from './http/axios-platform-http.js'
import { worstOf, type BreakerState } from './http/breaker.js'
import { PlatformTransport } from './http/platform-transport.js'
import { bucketOf } from './throttle/budget.js'
import { CLAIM_MS, type Claim } from './throttle/claim.js'
import type { Budget, RateLimiter } from './throttle/limiter.js'
import type { Log } from './log.js'
import { platformBudget, reserveFor } from './throttle/platform-budget.js'
import { rateLimitTraitsOf } from './registry.js'

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
  abstract noteClaimElsewhere(): void
  abstract refund: RateLimiter['refund']
  abstract block: RateLimiter['block']
  abstract observe: RateLimiter['observe']
}

/** What calls of one connection go through. */
interface Client {
  platform: Platform
  budget: Budget
  http: AxiosPlatformHttp
}

/** Of a new client. `credential`: of the account that the platform limits; null: not configured. */
export interface ClientOf {
  connectionId: string
  platform: Platform
  credential: string | null
  rateLimit: RateLimit
}

/** Circuit breaker, budget and current wait for a call that raises a cap, ms. */
export interface OutboundStatus {
  breaker: BreakerState
  budget: Budget
  waitMs: number
}

/**
 * Creates the HTTP client of each connection, with a circuit breaker, metrics and a budget, which connections with the same
 * credential share.
 */
@Injectable()
export class Outbound implements OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger('Outbound')
  /** By bucket. */
  private readonly budgets = new Map<string, Budget>()
  /** By connection. */
  private readonly clients = new Map<string, Client>()
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

  createClient({ connectionId, platform, credential, rateLimit }: ClientOf): AxiosPlatformHttp {
    const bucket = `${platform.toLowerCase()}:${fingerprintOf(credential)}`
    const budget = this.budgets.get(bucket) ?? platformBudget(platform, bucket, rateLimit)
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
    const http = new AxiosPlatformHttp({
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
    this.removeClient(connectionId)
    this.budgets.set(bucket, budget)
    this.clients.set(connectionId, { platform, budget, http })
    return http
  }

  /** Ends the calls of a connection. Its budget stays while another connection shares it. */
  removeClient(connectionId: string): void {
    const client = this.clients.get(connectionId)
    if (!client) return
    client.http.close()
    this.clients.delete(connectionId)
    const { budget } = client
    if ([...this.clients.values()].every((other) => other.budget !== budget)) this.budgets.delete(budget.bucket)
  }

  /**
   * The account of this connection is new here: its budget need not start with an assumed charge. What is known to be
   * charged stays.
   */
  async startUnspent(connectionId: string): Promise<void> {
    await this.reportUnspent(this.clientOf(connectionId).budget)
  }

  /** Connections with the same one share a budget. An unknown connection has one of its own. */
  bucketOf(connectionId: string): string {
    return this.clients.get(connectionId)?.budget.bucket ?? connectionId
  }

  /** Charges nothing. */
  async status(connectionId: string): Promise<OutboundStatus> {
    const { platform, budget, http } = this.clientOf(connectionId)
    const { capWriteCost } = rateLimitTraitsOf(platform)
    return { breaker: http.breakerState(), budget, waitMs: await this.limiter.peek(budget, 'grow', capWriteCost) }
  }

  /** Over the connections of a platform: the longest wait, its budget, and the worst state of a breaker. */
  async statusOfPlatform(platform: Platform): Promise<OutboundStatus> {
    const statuses = await Promise.all(this.connectionsOf(platform).map((id) => this.status(id)))
    const [longest] = statuses.toSorted((a, b) => b.waitMs - a.waitMs)
    if (!longest) throw new Error(`no client for ${platform} has been created`)
    return { ...longest, breaker: worstOf(statuses.map(({ breaker }) => breaker)) }
  }

  /** The worst state of the circuit breakers of a platform's connections. */
  breakerOf(platform: Platform): BreakerState {
    return worstOf(this.connectionsOf(platform).map((id) => this.clientOf(id).http.breakerState()))
  }

  /** The largest weight that a call of any lane can be granted. */
  maxWeightPerCall(connectionId: string): number {
    const { budget } = this.clientOf(connectionId)
    return Math.floor(bucketOf(budget).burst * (1 - budget.reserve))
  }

  /**
   * While Redis is unavailable: `whole` for the one process that closes every platform, `none` for the others. A claim
   * expires after `CLAIM_MS`, so it must be renewed while closing is in progress.
   */
  claimBudgets(claim: Claim): void {
    this.limiter.claim(claim, CLAIM_MS)
  }

  /** Another process has had the whole limits: while Redis is unavailable, they count as spent. */
  noteClaimElsewhere(): void {
    this.limiter.noteClaimElsewhere()
  }

  /** Rejects while Redis or, at first, PostgreSQL is unavailable. */
  @Periodic({ name: 'outbound limit refresh', every: REFRESH_INTERVAL_MS, runsIn: 'every process' })
  async refresh(): Promise<void> {
    for (const budget of this.budgets.values()) await this.limiter.refresh(budget)
    this.unspent ??= (await this.channels.total()) > 0 ? [] : [...this.budgets.values()]
    if (!this.limiter.degraded) await this.refundUnspent()
  }

  /** Adapts the reserves for closings to the number of listings of each connection. */
  updateReserves(listings: ReadonlyMap<string, number>): void {
    const totals = new Map<Budget, number>()
    for (const [id, { platform, budget }] of this.clients) {
      const total = (totals.get(budget) ?? 0) + (listings.get(id) ?? 0)
      totals.set(budget, total)
      budget.reserve = reserveFor(platform, budget, total)
    }
  }

  /**
   * An installation that had no channel at startup has spent nothing, so its budgets need not start with an assumed
   * charge. Repeated until Redis is reachable.
   */
  private async refundUnspent(): Promise<void> {
    for (const budget of this.unspent ?? []) {
      await this.reportUnspent(budget)
      this.unspent = (this.unspent ?? []).filter((other) => other !== budget)
    }
  }

  private async reportUnspent(budget: Budget): Promise<void> {
    await this.limiter.observe(budget, { used: 0, limit: budget.limit, resetInMs: budget.windowSeconds * 1_000 })
  }

  /** Before the jobs and tasks that wait for budget are waited for: a wait takes up to two minutes. */
  onModuleDestroy(): void {
    for (const { http } of this.clients.values()) http.endWaits()
  }

  onApplicationShutdown(): void {
    for (const { http } of this.clients.values()) http.close()
  }

  private connectionsOf(platform: Platform): string[] {
    return [...this.clients].filter(([, client]) => client.platform === platform).map(([id]) => id)
  }

  private clientOf(connectionId: string): Client {
    const client = this.clients.get(connectionId)
    if (!client) throw new Error(`no client for ${connectionId} has been created`)
    return client
  }

  readonly log: Log = (level, message, details) => {
    if (level === 'info') this.logger.log(details, message)
    else this.logger[level](details, message)
  }
}

/** Names a credential without containing it. */
export function fingerprintOf(credential: string | null): string {
  return createHash('sha256')
    .update(credential ?? '')
    .digest('hex')
    .slice(0, 12)
}

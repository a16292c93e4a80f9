import { Injectable } from '@nestjs/common'
import { sold, unitsOf, type Balances } from '../../domain/stock/ledger-account.js'
import type { Platform } from '../../domain/channel.js'
import type { Channel } from '../../domain/channel-record.js'
import { Config } from '../../infrastructure/config/config.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { EventStore } from '../../stock/event-store.js'
import { sustainedRate } from '../../platforms/throttle/platform-budget.js'
import { Outbound } from '../../platforms/outbound.js'
import type { Cursor } from '../../platforms/port.js'
import { rateLimitTraitsOf, traitsOf } from '../../platforms/registry.js'
import type { PollingTraits } from '../../platforms/traits.js'

/** The share of an account's sustained budget for sweeps of all its listings together. */
const SWEEP_SHARE = 0.2
/** The share for polls; the rest is for caps and for reads caused by hints. */
const POLL_SHARE = 0.5
/** Sizes of listings change slowly. */
const CACHE_TTL_MS = 30_000

export interface ConnectionLoad {
  /** The shortest pause between two sweeps of the same listing that the budget allows, ms. */
  affordableMs: number
  /** Demand of the polls of all listings, relative to their share of the budget: above 1, every poll is delayed in proportion. */
  pollStretch: number
}

interface Demand {
  platform: Platform
  /** Units of one sweep of each listing. */
  sweeps: number
  /** Units per ms that polls would spend. */
  polls: number
}

/** Calculates how often the budgets allow sweeps and polls of all listings. */
@Injectable()
export class SweepBudget {
  /** By bucket of the rate limit. */
  private cached: { at: number; loads: Map<string, ConnectionLoad> } | null = null

  constructor(
    private readonly events: EventStore,
    private readonly outbound: Outbound,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  async load(connectionId: string): Promise<ConnectionLoad> {
    if (!this.cached || this.clock.monotonicMs() - this.cached.at > CACHE_TTL_MS) {
      this.cached = { at: this.clock.monotonicMs(), loads: await this.measure() }
    }
    return this.cached.loads.get(this.outbound.bucketOf(connectionId)) ?? { affordableMs: 0, pollStretch: 0 }
  }

  private async measure(): Promise<Map<string, ConnectionLoad>> {
    const demands = new Map<string, Demand>()
    const live = { scope: 'live', now: this.clock.now(), hasChannels: true } as const
    for (const { balances, channels } of await this.events.snapshots(live)) {
      for (const channel of channels) {
        const { platform, connectionId, importedAt, detachedAt } = channel
        if (importedAt === null || detachedAt !== null || !traitsOf(platform).hasApi) continue
        const bucket = this.outbound.bucketOf(connectionId)
        const { sweeps, polls } = demands.get(bucket) ?? { platform, sweeps: 0, polls: 0 }
        const cost = traitsOf(platform).sweepCost(unitsOf(balances, sold(channel)))
        demands.set(bucket, {
          platform,
          sweeps: sweeps + cost,
          polls: polls + this.pollRateOf(channel, balances),
        })
      }
    }
    return new Map([...demands].map(([bucket, demand]) => [bucket, this.loadOf(demand)]))
  }

  private loadOf({ platform, sweeps, polls }: Demand): ConnectionLoad {
    const rate = sustainedRate(platform, rateLimitTraitsOf(platform).configured(this.config))
    return { affordableMs: sweeps / (rate * SWEEP_SHARE), pollStretch: polls / (rate * POLL_SHARE) }
  }

  /** Units per ms that the polls of one listing spend at the desired pace. */
  private pollRateOf(channel: Channel, balances: Balances): number {
    const { polling } = traitsOf(channel.platform)
    if (polling === null) return 0
    return polling.cost(channel.listingCursor as Cursor | null) / this.desiredPollMs(channel, balances, polling)
  }

  /** The pause between two polls that suits the state of the listing, before the budget is considered, ms. */
  desiredPollMs(channel: Channel, balances: Balances, polling: PollingTraits): number {
    const { confirmedCap: cap, confirmedMode: mode } = channel
    const listing = { cap, sold: unitsOf(balances, sold(channel)), mode }
    return polling.desiredMs(listing, polling.baseMs(this.config))
  }
}

import { Injectable } from '@nestjs/common'
import { sold } from '../domain/account.js'
import type { Platform } from '../domain/channel.js'
import { Config } from '../infrastructure/config/config.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { lookedAfter } from '../inventory/looked-after.js'
import { MEETUP_WEIGHTS, RSVP_PAGE_SIZE } from '../platforms/meetup/operations.js'

/** The share of a platform's budget that sweeps may use, for all its listings together. */
const SHARE = 0.25
/** Sizes change slowly. */
const FRESH_MS = 30_000
const LUMA_PAGE = 100
/** Luma's full list goes through further states of guests, each a call at least. */
const LUMA_STATES = 3

/** What one sweep of a listing costs, in units of its platform's budget. */
const COST: Record<Platform, (tickets: number) => number> = {
  EVENTBRITE: () => 1,
  LUMA: (tickets) => Math.ceil(tickets / LUMA_PAGE) + LUMA_STATES,
  MEETUP: (tickets) => (Math.ceil(tickets / RSVP_PAGE_SIZE) + 1) * MEETUP_WEIGHTS.rsvpPage,
}

export interface PlatformLoad {
  listings: number
  /** The shortest pause between two sweeps of each of its listings that the budget allows, ms. */
  affordableMs: number
}

/** How often the budgets allow all listings to be swept. */
@Injectable()
export class SweepBudget {
  private known: { at: number; loads: Map<Platform, PlatformLoad> } | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly config: Config,
  ) {}

  async load(platform: Platform): Promise<PlatformLoad> {
    if (!this.known || Date.now() - this.known.at > FRESH_MS) {
      this.known = { at: Date.now(), loads: await this.measure() }
    }
    return this.known.loads.get(platform) ?? { listings: 0, affordableMs: 0 }
  }

  private async measure(): Promise<Map<Platform, PlatformLoad>> {
    const events = await this.prisma.event.findMany({
      where: { ...lookedAfter(new Date()), channels: { some: { adoptedAt: { not: null } } } },
      select: { balance: true, channels: { where: { adoptedAt: { not: null } }, select: { platform: true } } },
    })
    const totals = new Map<Platform, { listings: number; cost: number }>()
    for (const { balance, channels } of events) {
      if (!balance) continue
      for (const channel of channels) {
        const platform = channel.platform as Platform
        const { listings, cost } = totals.get(platform) ?? { listings: 0, cost: 0 }
        const own = COST[platform](balancesOf(balance)[sold(platform)])
        totals.set(platform, { listings: listings + 1, cost: cost + own })
      }
    }
    return new Map(
      [...totals].map(([platform, { listings, cost }]) => [
        platform,
        { listings, affordableMs: cost / this.unitsPerMs(platform) },
      ]),
    )
  }

  private unitsPerMs(platform: Platform): number {
    const { eventbrite, luma, meetup } = this.config
    const { rateLimit } = { EVENTBRITE: eventbrite, LUMA: luma, MEETUP: meetup }[platform]
    return (rateLimit.limit / (rateLimit.windowSeconds * 1_000)) * SHARE
  }
}

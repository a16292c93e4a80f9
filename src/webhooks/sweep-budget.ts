import { Injectable } from '@nestjs/common'
import { sold } from '../domain/ledger-account.js'
import type { Platform } from '../domain/channel.js'
import type { Balance, Channel } from '../generated/prisma/client.js'
import { Config } from '../infrastructure/config/config.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { liveChannels } from '../inventory/live-events.js'
import { MEETUP_WEIGHTS, RSVP_PAGE_SIZE } from '../platforms/meetup/operations.js'
import { pollPoints, wantedPollMs } from '../platforms/meetup/poll-schedule.js'
import { sustainedRate } from '../platforms/platform-budget.js'
import type { Cursor } from '../platforms/port.js'

/** The share of what a platform's budget sustains that sweeps may use, for all its listings together. */
const SHARE = 0.2
/** The share that polls may use; what both leave is for caps, and for what is read at a hint. */
const POLL_SHARE = 0.5
/** Sizes change slowly. */
const FRESH_MS = 30_000
const LUMA_PAGE = 100
/** Luma's full list goes through three further states of guests and ends with a look at the event, each a call at least. */
const LUMA_OTHERS = 4

/** What one sweep of a listing costs, in units of its platform's budget. */
const COST: Record<Platform, (tickets: number) => number> = {
  EVENTBRITE: () => 1,
  LUMA: (tickets) => Math.max(1, Math.ceil(tickets / LUMA_PAGE)) + LUMA_OTHERS,
  MEETUP: (tickets) => (Math.ceil(tickets / RSVP_PAGE_SIZE) + 1) * MEETUP_WEIGHTS.rsvpPage,
}

export interface PlatformLoad {
  /** The shortest pause between two sweeps of each of its listings that the budget allows, ms. */
  affordableMs: number
  /** What the polls of all its listings want, of what they may spend together: above 1 each is put off in proportion. */
  pollStretch: number
}

interface Total {
  /** Units of one sweep of each listing. */
  sweeps: number
  /** Units per ms that polls would spend. */
  polls: number
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
    return this.known.loads.get(platform) ?? { affordableMs: 0, pollStretch: 0 }
  }

  private async measure(): Promise<Map<Platform, PlatformLoad>> {
    const read = { importedAt: { not: null }, ...liveChannels(new Date()) }
    const events = await this.prisma.event.findMany({
      where: { channels: { some: read } },
      include: { balance: true, channels: { where: read } },
    })
    const totals = new Map<Platform, Total>()
    for (const { balance, channels } of events) {
      if (!balance) continue
      for (const channel of channels) {
        const platform = channel.platform as Platform
        const { sweeps, polls } = totals.get(platform) ?? { sweeps: 0, polls: 0 }
        const cost = COST[platform](balancesOf(balance)[sold(platform)])
        totals.set(platform, { sweeps: sweeps + cost, polls: polls + this.pollsOf(channel, balance) })
      }
    }
    return new Map([...totals].map(([platform, total]) => [platform, this.loadOf(platform, total)]))
  }

  private loadOf(platform: Platform, { sweeps, polls }: Total): PlatformLoad {
    const { eventbrite, luma, meetup } = this.config
    const { rateLimit } = { EVENTBRITE: eventbrite, LUMA: luma, MEETUP: meetup }[platform]
    const rate = sustainedRate(platform, rateLimit)
    return { affordableMs: sweeps / (rate * SHARE), pollStretch: polls / (rate * POLL_SHARE) }
  }

  /** Units per ms that the polls of one listing would spend at the pace it wants. */
  private pollsOf(channel: Channel, balance: Balance): number {
    if (channel.platform !== 'MEETUP') return 0
    return pollPoints(channel.listingCursor as Cursor | null) / this.wantedPollMs(channel, balance)
  }

  /** The pause between two polls as the listing's state wants it, ms. */
  wantedPollMs({ confirmedCap: cap, confirmedMode: mode }: Channel, balance: Balance): number {
    const known = { cap, sold: balancesOf(balance)[sold('MEETUP')], mode }
    return wantedPollMs(known, this.config.intervals.meetupPollSeconds * 1_000)
  }
}

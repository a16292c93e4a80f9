import { Injectable } from '@nestjs/common'
import { capacityOf, soldTotal } from '../domain/ledger-account.js'
import type { Platform } from '../domain/channel.js'
import { floorShare } from '../domain/ratio.js'
import { sweepPauseMs } from '../domain/sweep-pace.js'
import type { Prisma } from '../generated/prisma/client.js'
import { Config } from '../infrastructure/config/config.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { liveChannels } from '../inventory/live-events.js'
import { nextPollMs } from '../platforms/meetup/poll-schedule.js'
import type { ListScope } from '../platforms/port.js'
import { SweepBudget } from './sweep-budget.js'

export const SWEPT = { sweep: true, event: { include: { balance: true } } } satisfies Prisma.ChannelInclude
export type SweptChannel = Prisma.ChannelGetPayload<{ include: typeof SWEPT }>

/** How a sweep reads: Eventbrite shows cancellations among its changes; on Luma and Meetup only a full listing does surely. */
export function sweepScope(platform: Platform): ListScope {
  return platform === 'EVENTBRITE' ? 'changed' : 'full'
}

/** Listings of these are read by the clock. */
function readable(now: Date): Prisma.ChannelWhereInput {
  return { importedAt: { not: null }, ...liveChannels(now) }
}

/** Since when a read that the clock asked for has no answer; a listing that was never planned was asked for nothing. */
function askedSince({ sweep, lastPullAt }: SweptChannel, now: Date): Date | null {
  if (!sweep) return null
  const answered = sweep.askedAt === null || (lastPullAt !== null && lastPullAt >= sweep.askedAt)
  return answered ? now : sweep.askedAt
}

/** Sweeps that fell together do not stay together. */
const SPREAD = 0.1
const MAX_DUE = 500

/** When each listing is read next. It stands in PostgreSQL: a restart forgets nothing and processes share one clock. */
@Injectable()
export class SweepSchedule {
  private readonly untold

  constructor(
    private readonly prisma: PrismaService,
    private readonly config: Config,
    private readonly budget: SweepBudget,
    metrics: Metrics,
  ) {
    const help = 'Changed orders that a sweep found and no webhook had told of'
    this.untold = metrics.counter('sweep_untold_orders_total', help, ['platform'])
  }

  /** Listings of which something is due, or of which nothing is known yet. */
  async due(now: Date): Promise<SweptChannel[]> {
    const isDue = [{ nextPollAt: { lte: now } }, { nextSweepAt: { lte: now } }]
    return this.prisma.channel.findMany({
      where: { ...readable(now), OR: [{ sweep: null }, { sweep: { OR: isDue } }] },
      include: SWEPT,
      take: MAX_DUE,
    })
  }

  /**
   * Sets the next sweep; `swept`: one was asked for now. The first poll is set too; the next one stays due until it was
   * made, see `wasRead`.
   */
  async plan(channel: SweptChannel, now: Date, swept: boolean): Promise<void> {
    const pauseMs = await this.pauseMs(channel, now)
    const spread = 1 + SPREAD * (2 * Math.random() - 1)
    const begun = channel.sweep ? now : (channel.lastPullAt ?? now)
    const nextSweepAt =
      swept || !channel.sweep ? new Date(begun.getTime() + pauseMs * spread) : channel.sweep.nextSweepAt
    const asked = swept ? { askedAt: askedSince(channel, now) } : {}
    const poll = channel.sweep?.nextPollAt ? {} : await this.nextPoll(channel, now)
    const times = { nextSweepAt, pauseMs, ...poll, ...asked }
    await this.prisma.channelSweep.upsert({
      where: { channelId: channel.id },
      create: { channelId: channel.id, ...times },
      update: times,
    })
  }

  /** A listing was read: its next poll is counted from now, by what the reading has shown. */
  async wasRead(channelId: string, now: Date): Promise<void> {
    const channel = await this.prisma.channel.findUnique({ where: { id: channelId }, include: SWEPT })
    if (channel?.platform !== 'MEETUP' || !channel.sweep) return
    await this.prisma.channelSweep.updateMany({ where: { channelId }, data: await this.nextPoll(channel, now) })
  }

  /** A listing was read as sweeps do, not at this clock's asking: its next sweep is counted from now. */
  async wasSwept(channelId: string, now: Date): Promise<void> {
    const channel = await this.prisma.channel.findUnique({ where: { id: channelId }, include: SWEPT })
    if (!channel?.sweep) return
    const nextSweepAt = new Date(now.getTime() + (await this.pauseMs(channel, now)))
    await this.prisma.channelSweep.updateMany({
      where: { channelId, nextSweepAt: { lt: nextSweepAt } },
      data: { nextSweepAt },
    })
  }

  /** Listings whose next poll may be planned later than their state wants by now. */
  toHasten(now: Date): Promise<SweptChannel[]> {
    return this.prisma.channel.findMany({
      where: {
        ...readable(now),
        platform: 'MEETUP',
        sweep: { OR: [{ nextPollAt: { gt: now } }, { nextPollAt: null }] },
      },
      include: SWEPT,
      take: MAX_DUE,
    })
  }

  /** A poll comes earlier than planned where the listing opened again, or filled up. */
  async hasten(channel: SweptChannel, now: Date): Promise<void> {
    const planned = channel.sweep?.nextPollAt ?? null
    const wanted = await this.nextPoll(channel, channel.lastPullAt ?? now)
    const nextPollAt = wanted.nextPollAt && new Date(Math.max(wanted.nextPollAt.getTime(), now.getTime()))
    const unchanged = nextPollAt === null ? planned === null : planned !== null && planned <= nextPollAt
    if (unchanged) return
    // Unless it was rescheduled meanwhile.
    await this.prisma.channelSweep.updateMany({
      where: { channelId: channel.id, nextPollAt: planned },
      data: { ...wanted, nextPollAt },
    })
  }

  /** A sweep found so many changed orders that no webhook had told of: deliveries are being lost. */
  async foundUntold(channelId: string, platform: Platform, orders: number): Promise<void> {
    this.untold.inc({ platform }, orders)
    const now = new Date()
    const channel = await this.prisma.channel.findUnique({ where: { id: channelId }, include: SWEPT })
    if (!channel?.sweep) return
    const sweep = { ...channel.sweep, untoldAt: now }
    const pauseMs = await this.pauseMs({ ...channel, sweep }, now)
    const nextSweepAt = new Date(Math.min(sweep.nextSweepAt.getTime(), now.getTime() + pauseMs))
    await this.prisma.channelSweep.update({ where: { channelId }, data: { untoldAt: now, pauseMs, nextSweepAt } })
  }

  /** All listings of a platform are swept soon: it told us nothing for a while. */
  async hurry(platform: Platform): Promise<void> {
    await this.prisma.channelSweep.updateMany({ where: { channel: { platform } }, data: { nextSweepAt: new Date() } })
  }

  async pauseMs(channel: SweptChannel, now: Date): Promise<number> {
    const { event, sweep } = channel
    const platform = channel.platform as Platform
    const balances = event.balance && balancesOf(event.balance)
    const last = await this.prisma.order.findFirst({
      where: { eventId: event.id, platform },
      orderBy: { seenAt: 'desc' },
      select: { seenAt: true },
    })
    const ago = (instant: Date | null | undefined) => (instant ? now.getTime() - instant.getTime() : null)
    return sweepPauseMs({
      baseMs: this.config.intervals.sweepSeconds * 1_000,
      affordableMs: (await this.budget.load(platform)).affordableMs,
      taken: balances ? soldTotal(balances) + balances.HELD : 0,
      threshold: balances ? floorShare(event.softCapRatio, capacityOf(balances)) : 1,
      msSinceMissedWebhook: ago(sweep?.untoldAt),
      msSinceLastSale: ago(last?.seenAt ?? channel.createdAt),
    })
  }

  /** The pause between two polls, ms; null where the platform sends webhooks, or sells no more: sweeps are enough. */
  async pollMs(channel: SweptChannel): Promise<number | null> {
    const { balance, closedSince } = channel.event
    if (channel.platform !== 'MEETUP' || !balance) return null
    if (closedSince && channel.confirmedMode === 'WAITLIST_ONLY') return null
    const { pollStretch } = await this.budget.load('MEETUP')
    return nextPollMs(this.budget.wantedPollMs(channel, balance), pollStretch)
  }

  /** When the next poll is due, and the pause that leads to it, ms; nulls where there are no polls. */
  private async nextPoll(channel: SweptChannel, from: Date) {
    const pollMs = await this.pollMs(channel)
    return { pollMs, nextPollAt: pollMs === null ? null : new Date(from.getTime() + pollMs) }
  }
}

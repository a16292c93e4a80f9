import { Injectable } from '@nestjs/common'
import { allocated, capacityOf, sold, soldTotal, type Balances } from '../domain/account.js'
import type { ChannelName, Platform } from '../domain/channel.js'
import { eventState } from '../domain/event-state.js'
import { freeUnits, hasUncoveredChannel } from '../domain/follow.js'
import { floorShare } from '../domain/ratio.js'
import type { ChannelView, EventView } from '../domain/rebalance-view.js'
import { velocities } from '../domain/velocity.js'
import type { Channel, Event } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { Outbound } from '../platforms/outbound.js'
import { standingOf, unmetGrowth } from './channel-standing.js'
import { SalesVelocity } from './sales-velocity.js'

/** Beyond this nothing is remembered: no cool-down lasts longer. */
const MEMORY_MS = 3_600_000

/** What the rebalancing policy sees of an event. */
@Injectable()
export class RebalanceViews {
  constructor(
    private readonly prisma: PrismaService,
    private readonly velocity: SalesVelocity,
    private readonly outbound: Outbound,
    private readonly clock: Clock,
  ) {}

  /** Null: nothing to balance (unknown, not on sale, or no channel to move units between). */
  async of(eventId: string): Promise<{ view: EventView; event: Event & { channels: Channel[] } } | null> {
    const event = await this.prisma.event.findUnique({
      where: { id: eventId },
      include: { channels: true, balance: true },
    })
    if (!event?.balance || eventState(event) !== 'ON_SALE' || event.channels.length === 0) return null
    // The share of a channel that is about to be taken over is not free for others.
    if (event.channels.some(({ adoptedAt, trouble }) => !adoptedAt && trouble === null)) return null
    const balances = balancesOf(event.balance)
    const now = this.clock.now().getTime()
    const perHour = velocities(await this.velocity.states(eventId), now)
    const moved = await this.lastMoves(eventId, now)
    const timesOf = (channel: ChannelName) => ({
      velocityPerHour: perHour.get(channel) ?? 0,
      gaveMsAgo: moved.gave.get(channel) ?? null,
      gotMsAgo: moved.got.get(channel) ?? null,
    })
    const known = event.channels.map((channel) => standingOf(channel, balances))
    const adopted = event.channels.filter(({ adoptedAt }) => adoptedAt)
    const channels: ChannelView[] = await Promise.all(
      adopted.map(async (channel) => {
        const { waitMs } = await this.outbound.standing(channel.platform as Platform)
        return { ...platformView(channel, balances), ...timesOf(channel.platform), writableInMs: waitMs }
      }),
    )
    if (event.directWeight > 0) channels.push({ ...directView(balances), ...timesOf('DIRECT'), writableInMs: 0 })
    for (const { channel, cap, sold: taken, pending } of channels) {
      this.velocity.sells(eventId, channel, cap - taken - pending > 0)
    }
    const shrinking = Math.max(0, event.capacity - event.targetCapacity)
    const view: EventView = {
      // What a platform may sell beyond its allocation is nobody's to move.
      unallocated: hasUncoveredChannel(balances, known)
        ? 0
        : Math.max(0, freeUnits(balances) - unmetGrowth(known) - shrinking),
      softCapThreshold: floorShare(event.softCapRatio, capacityOf(balances)),
      soldAndHeld: soldTotal(balances) + balances.HELD,
      hoursToStart: (event.startsAt.getTime() - now) / 3_600_000,
      channels,
    }
    return { view, event }
  }

  private async lastMoves(eventId: string, now: number) {
    const moves = await this.prisma.rebalanceMove.findMany({
      where: { eventId, plannedAt: { gte: new Date(now - MEMORY_MS) } },
      orderBy: { id: 'asc' },
    })
    const gave = new Map<string, number>()
    const got = new Map<string, number>()
    for (const { from, to, plannedAt } of moves) {
      gave.set(from, now - plannedAt.getTime())
      if (from !== 'UNALLOCATED') got.set(to, now - plannedAt.getTime())
    }
    return { gave, got }
  }
}

type Untimed = Omit<ChannelView, 'velocityPerHour' | 'gaveMsAgo' | 'gotMsAgo' | 'writableInMs'>

function platformView(channel: Channel, balances: Balances): Untimed {
  const platform = channel.platform as Platform
  return {
    channel: platform,
    cap: channel.desiredCap ?? channel.confirmedCap ?? 0,
    confirmedCap: channel.confirmedCap,
    sold: balances[sold(platform)],
    pending: channel.pendingTickets,
    open: channel.desiredMode === 'OPEN' && channel.confirmedMode !== 'UNKNOWN' && channel.pausedSince === null,
    // A lost write that can land no higher than what is confirmed changes nothing while nothing is taken away.
    settled: (channel.unsettledCap ?? 0) <= (channel.confirmedCap ?? 0) && channel.trouble === null,
    minCap: 1,
    waitlistPromotes: platform === 'MEETUP',
  }
}

function directView(balances: Balances): Untimed {
  const cap = balances[allocated('DIRECT')] + balances[sold('DIRECT')] + balances.HELD
  return {
    channel: 'DIRECT',
    cap,
    confirmedCap: cap,
    sold: balances[sold('DIRECT')],
    pending: balances.HELD,
    open: true,
    settled: true,
    minCap: 0,
    waitlistPromotes: false,
  }
}

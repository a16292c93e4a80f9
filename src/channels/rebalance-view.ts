import { Injectable } from '@nestjs/common'
import { allocated, capacityOf, sold, soldTotal, type Balances } from '../domain/ledger-account.js'
import type { ChannelName, Platform } from '../domain/channel.js'
import { eventState } from '../domain/event-state.js'
import { freeUnits, hasUncoveredChannel } from '../domain/follow-exposure.js'
import type { ChannelNow } from '../domain/rebalance-fit.js'
import { floorShare } from '../domain/ratio.js'
import type { ChannelView, EventView } from '../domain/rebalance-view.js'
import { demands, type Demand } from '../domain/velocity.js'
import type { Channel, Event } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { Outbound } from '../platforms/outbound.js'
import { channelStateOf, unmetGrowth } from './channel-state.js'
import { SalesVelocity, type KnownSales } from './sales-velocity.js'

type Loaded = Event & { channels: Channel[] }

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
  async of(eventId: string): Promise<{ view: EventView; event: Loaded } | null> {
    const event = await this.prisma.event.findUnique({
      where: { id: eventId },
      include: { channels: true, balance: true },
    })
    if (!event?.balance || eventState(event) !== 'ON_SALE' || event.channels.length === 0) return null
    // The share of a channel that is about to be taken over is not free for others.
    if (event.channels.some(({ importedAt, syncError }) => !importedAt && syncError === null)) return null
    const balances = balancesOf(event.balance)
    const now = this.clock.now().getTime()
    const sales = await this.velocity.known(event)
    const demand = demands(sales, now)
    const moved = await this.lastMoves(eventId, now)
    const timesOf = (channel: ChannelName, importedAt: Date | null) => ({
      ...demandView(demand.get(channel), sales.get(channel), importedAt, now),
      gaveMsAgo: moved.gave.get(channel) ?? null,
      gotMsAgo: moved.got.get(channel) ?? null,
    })
    const adopted = event.channels.filter(({ importedAt }) => importedAt)
    const channels: ChannelView[] = await Promise.all(
      adopted.map(async (channel) => {
        const { waitMs } = await this.outbound.standing(channel.platform as Platform)
        const times = timesOf(channel.platform, channel.importedAt)
        return { ...platformView(channel, balances), ...times, writableInMs: waitMs }
      }),
    )
    if (event.directWeight > 0) channels.push({ ...directView(balances), ...timesOf('DIRECT', null), writableInMs: 0 })
    const view: EventView = {
      unallocated: unreserved(event, balances),
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

/** What takes part in rebalancing, as it stands in the caller's locked transaction; and the units free to be given out. */
export function currentChannels(event: Loaded, balances: Balances): { channels: ChannelNow[]; unallocated: number } {
  const adopted = event.channels.filter(({ importedAt }) => importedAt)
  const channels: ChannelNow[] = adopted.map((channel) => platformView(channel, balances))
  if (event.directWeight > 0) channels.push(directView(balances))
  return { channels, unallocated: unreserved(event, balances) }
}

/** Free units that neither a channel waits for nor a smaller capacity takes; none while a platform may sell them. */
function unreserved(event: Loaded, balances: Balances): number {
  const known = event.channels.map((channel) => channelStateOf(channel, balances))
  if (hasUncoveredChannel(balances, known)) return 0
  const shrinking = Math.max(0, event.capacity - event.targetCapacity)
  return Math.max(0, freeUnits(balances) - unmetGrowth(known) - shrinking)
}

type DemandView = Pick<ChannelView, 'velocityPerHour' | 'evidence' | 'weight' | 'openedMsAgo' | 'readMsAgo'>

/** A listing that was on sale before it was imported counts as opened by the import: what was read before then is old. */
function demandView(
  demand: Demand | undefined,
  sales: KnownSales | undefined,
  importedAt: Date | null,
  now: number,
): DemandView {
  const openedAt = sales?.openedAt ?? null
  const readAt = sales?.readAt ?? null
  return {
    velocityPerHour: demand?.perHour ?? 0,
    evidence: demand?.evidence ?? 0,
    weight: sales?.weight ?? 1,
    openedMsAgo: openedAt === null ? null : now - Math.max(openedAt, importedAt?.getTime() ?? 0),
    readMsAgo: readAt === null ? null : now - readAt,
  }
}

function platformView(channel: Channel, balances: Balances): ChannelNow {
  const platform = channel.platform as Platform
  return {
    channel: platform,
    cap: channel.desiredCap ?? channel.confirmedCap ?? 0,
    confirmedCap: channel.confirmedCap,
    sold: balances[sold(platform)],
    pending: channel.pendingTickets,
    open: channel.desiredMode === 'OPEN' && channel.confirmedMode !== 'UNKNOWN' && channel.pausedSince === null,
    // A lost write that can land no higher than what is confirmed changes nothing while nothing is taken away.
    settled: (channel.unconfirmedCap ?? 0) <= (channel.confirmedCap ?? 0) && channel.syncError === null,
    minCap: 1,
    waitlistPromotes: platform === 'MEETUP',
  }
}

function directView(balances: Balances): ChannelNow {
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

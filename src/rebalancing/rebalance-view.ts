import { Injectable } from '@nestjs/common'
import { allocated, capacityOf, sold, soldTotal, unitsOf, type Balances } from '../domain/stock/ledger-account.js'
import { DIRECT } from '../domain/channel.js'
import { eventState } from '../domain/events/event-state.js'
import { freeUnits, hasUncoveredChannel } from '../domain/caps/follow-exposure.js'
import { lastMoves } from '../domain/rebalancing/last-moves.js'
import type { CurrentChannel } from '../domain/rebalancing/rebalance-fit.js'
import { withheldOf } from '../domain/caps/withheld-units.js'
import { floorShare } from '../domain/stock/ratio.js'
import type { ChannelView, EventView } from '../domain/rebalancing/rebalance-view.js'
import { demands, type Demand } from '../domain/rebalancing/velocity.js'
import type { Channel } from '../domain/channel-record.js'
import { Config } from '../infrastructure/config/config.js'
import { Clock } from '../infrastructure/time/clock.js'
import { EventStore, type EventWithChannels } from '../stock/event-store.js'
import { Outbound } from '../platforms/outbound.js'
import { traitsOf } from '../platforms/registry.js'
import { channelStateOf, unmetGrowth } from '../channels/channel-state.js'
import { correctionMs, DEBOUNCE_MS } from './correction-time.js'
import { RebalanceMoveStore } from './rebalance-move-store.js'
import { SalesVelocity, type KnownSales } from './sales-velocity.js'

/** Older moves do not matter: no cool-down lasts longer, and rates have changed by then. */
const MOVE_HISTORY_MS = 3_600_000

/** Loads the view of an event that the rebalancing policy takes. */
@Injectable()
export class RebalanceViews {
  constructor(
    private readonly events: EventStore,
    private readonly moves: RebalanceMoveStore,
    private readonly velocity: SalesVelocity,
    private readonly outbound: Outbound,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Null: nothing to balance (unknown, not on sale, or no channel to move units between). */
  async of(eventId: string): Promise<{ view: EventView; event: EventWithChannels } | null> {
    const event = await this.events.snapshot(eventId)
    const instant = this.clock.now()
    if (!event || eventState(event, instant) !== 'ON_SALE' || event.channels.length === 0) return null
    // The share of a channel that is about to be imported is not free for others.
    if (event.channels.some(({ importedAt, syncError }) => !importedAt && syncError === null)) return null
    const { balances } = event
    const now = instant.getTime()
    const sales = await this.velocity.known(event)
    const demand = demands(sales, now)
    const { donated, received } = lastMoves(await this.moves.since(eventId, new Date(now - MOVE_HISTORY_MS)))
    const msSince = (at: Date | undefined) => (at === undefined ? null : now - at.getTime())
    const timesOf = (id: string, importedAt: Date | null) => ({
      ...demandView(demand.get(id), sales.get(id), importedAt, now),
      msSinceDonated: msSince(donated.get(id)),
      msSinceReceived: msSince(received.get(id)),
    })
    const imported = event.channels.filter(({ importedAt }) => importedAt)
    const channels: ChannelView[] = await Promise.all(
      imported.map(async (channel) => {
        const { hasApi } = traitsOf(channel.platform)
        const waitMs = hasApi ? (await this.outbound.status(channel.connectionId)).waitMs : 0
        const times = timesOf(channel.id, channel.importedAt)
        const limits = {
          writableInMs: waitMs,
          maxUnits: channel.maxUnits,
          correctionMs: correctionMs(traitsOf(channel.platform), this.config),
        }
        return { ...platformView(channel, balances), ...times, ...limits }
      }),
    )
    // Direct sales need no write, and may use the free units as well.
    const direct = { writableInMs: 0, maxUnits: null, correctionMs: DEBOUNCE_MS }
    if (event.directWeight > 0) channels.push({ ...directView(balances), ...timesOf(DIRECT.id, null), ...direct })
    const view: EventView = {
      unallocated: unreserved(event, balances),
      softCapThreshold: floorShare(event.softCapRatio, capacityOf(balances)),
      soldAndHeld: soldTotal(balances) + balances.HELD,
      hoursToStart: (event.startsAt.getTime() - now) / 3_600_000,
      channels,
    }
    return { view, event }
  }
}

/** The channels that take part in rebalancing, as of the caller's locked transaction, and the units free to distribute. */
export function currentChannels(
  event: EventWithChannels,
  balances: Balances,
): { channels: CurrentChannel[]; unallocated: number } {
  const imported = event.channels.filter(({ importedAt }) => importedAt)
  const channels: CurrentChannel[] = imported.map((channel) => platformView(channel, balances))
  if (event.directWeight > 0) channels.push(directView(balances))
  return { channels, unallocated: unreserved(event, balances) }
}

/** Free units that neither a channel nor a capacity decrease needs, and that are not withheld; none while a platform may sell them. */
function unreserved(event: EventWithChannels, balances: Balances): number {
  const states = event.channels.map((channel) => channelStateOf(channel, balances))
  if (hasUncoveredChannel(balances, states)) return 0
  const shrinking = Math.max(0, event.capacity - event.targetCapacity)
  return Math.max(0, freeUnits(balances) - withheldOf(event, balances) - unmetGrowth(states) - shrinking)
}

type DemandView = Pick<ChannelView, 'velocityPerHour' | 'evidence' | 'weight' | 'msSinceOpened' | 'msSinceRead'>

/** A listing on sale before its import counts as opened by the import, so that reads before it count as outdated. */
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
    msSinceOpened: openedAt === null ? null : now - Math.max(openedAt, importedAt?.getTime() ?? 0),
    msSinceRead: readAt === null ? null : now - readAt,
  }
}

export function platformView(channel: Channel, balances: Balances): CurrentChannel {
  const { platform } = channel
  return {
    id: channel.id,
    platform,
    cap: channel.desiredCap ?? channel.confirmedCap ?? 0,
    confirmedCap: channel.confirmedCap,
    sold: unitsOf(balances, sold(channel)),
    pending: channel.pendingTickets,
    open: channel.desiredMode === 'OPEN' && channel.confirmedMode !== 'UNKNOWN' && channel.pausedSince === null,
    // A lost write that cannot land above the confirmed cap is harmless as long as that cap is not lowered.
    confirmed: (channel.unconfirmedCap ?? 0) <= (channel.confirmedCap ?? 0) && channel.syncError === null,
    minCap: traitsOf(platform).minCap,
    donates: traitsOf(platform).hasApi,
    waitlistPromotes: traitsOf(platform).promotesOnRaise,
  }
}

function directView(balances: Balances): CurrentChannel {
  const cap = unitsOf(balances, allocated(DIRECT)) + unitsOf(balances, sold(DIRECT)) + balances.HELD
  return {
    id: DIRECT.id,
    platform: DIRECT.id,
    cap,
    confirmedCap: cap,
    sold: unitsOf(balances, sold(DIRECT)),
    pending: balances.HELD,
    open: true,
    confirmed: true,
    minCap: 0,
    donates: true,
    waitlistPromotes: false,
  }
}

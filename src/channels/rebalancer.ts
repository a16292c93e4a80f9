import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { LoopFaults } from '../alerts/loop-faults.js'
import { allocated } from '../domain/ledger-account.js'
import { eventState } from '../domain/event-state.js'
import { exposure } from '../domain/exposure.js'
import { freeUnits } from '../domain/follow-exposure.js'
import type { Posting } from '../domain/posting.js'
import { stillFits } from '../domain/rebalance-fit.js'
import { planMoves } from '../domain/rebalance-policy.js'
import type { EventView, Move } from '../domain/rebalance-view.js'
import { isFailSafe } from '../fail-safe/stored-mode.js'
import type { Channel } from '../generated/prisma/client.js'
import { Config } from '../infrastructure/config/config.js'
import { newId } from '../infrastructure/ids.js'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { traced } from '../infrastructure/tracing/spans.js'
import type { LockedEvent } from '../inventory/ledger.js'
import { Stock } from '../inventory/stock.js'
import type { PostRequest } from '../inventory/stock-transaction.js'
import { StockEvents } from '../inventory/stock-events.js'
import { ChannelJobs } from './channel-jobs.js'
import { channelStateOf } from './channel-state.js'
import { DesiredState } from './desired-state.js'
import { DonorReads } from './donor-reads.js'
import { OnSaleSpans } from './on-sale-spans.js'
import { RebalanceViews, currentChannels } from './rebalance-view.js'

/** Sales that come together cause one round. */
const DEBOUNCE_MS = 1_000
/** Of a round over all events: how many at once, and how long one may keep its place, ms. */
const CONCURRENCY = 4
const DEADLINE_MS = 15_000
const BACKOFF = { firstMs: 5_000, longestMs: 300_000 }

/**
 * Moves unsold units from slow channels to fast ones. A move is wanted state: the donor's cap goes down, the
 * receiver's up. The cap sync shrinks the donor, what it confirms to have let go waits in transit, and only that is
 * given to the receiver.
 */
@Injectable()
export class Rebalancer implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Rebalancer.name)
  private readonly movesCounted
  private readonly roundSeconds
  private readonly due = new Map<string, NodeJS.Timeout>()
  private repeating: Repeating | null = null
  private readonly visitedAt = new Map<string, number>()
  private readonly rounds = new ItemRounds<string>({
    keyOf: (eventId) => eventId,
    concurrency: CONCURRENCY,
    deadlineMs: DEADLINE_MS,
    backoff: BACKOFF,
    work: (eventId) => this.visit(eventId),
    onFailure: (eventId, error, times) => this.faults.note('rebalancing', eventId, error, times),
  })

  constructor(
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly stock: Stock,
    private readonly views: RebalanceViews,
    private readonly spans: OnSaleSpans,
    private readonly reads: DonorReads,
    private readonly desired: DesiredState,
    private readonly channels: ChannelJobs,
    private readonly stockEvents: StockEvents,
    private readonly config: Config,
    private readonly faults: LoopFaults,
    metrics: Metrics,
  ) {
    this.movesCounted = metrics.counter('rebalance_moves_total', 'Planned moves', ['from', 'to', 'result'])
    this.roundSeconds = metrics.histogram('rebalance_round_seconds', 'Time to plan and want the moves of one event')
  }

  start(): void {
    const failed = (error: unknown) =>
      this.logger.warn({ err: error }, 'a rebalancing round failed, the next one follows')
    this.repeating = repeatEvery(this.config.intervals.rebalanceSeconds * 1_000, () => this.roundOfAll(), failed)
    this.stockEvents.onChanged(({ eventId }) => this.soon(eventId))
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.due.values()) clearTimeout(timer)
    this.due.clear()
    await this.repeating?.stop()
  }

  /** Plans and, unless `dryRun`, wants the moves. Null: another process is at it. */
  async rebalance(eventId: string, dryRun: boolean): Promise<{ moves: Move[]; applied: boolean } | null> {
    if (dryRun) return { moves: await this.plan(eventId), applied: false }
    return this.locks.tryWith(`rebalance:${eventId}`, async () => {
      const stop = this.roundSeconds.startTimer()
      await this.spans.note(eventId)
      // What is confirmed then is the closing, and says nothing of what is wanted.
      if (await isFailSafe(this.prisma)) return { moves: [], applied: false }
      if (await this.isFrozen(eventId)) return { moves: await this.plan(eventId), applied: false }
      await this.dropUnreachable(eventId)
      const seen = await this.seen(eventId)
      const moves = seen ? planMoves(seen.view) : []
      const applied = seen !== null && moves.length > 0 && (await this.wantAndHurry(eventId, seen.view, moves))
      for (const { from, to } of moves) this.movesCounted.inc({ from, to, result: applied ? 'wanted' : 'overtaken' })
      stop()
      return { moves, applied }
    })
  }

  private soon(eventId: string): void {
    if (this.due.has(eventId)) return
    const run = async () => {
      this.due.delete(eventId)
      await this.rebalance(eventId, false)
    }
    const failed = (error: unknown) => this.logger.warn({ err: error, eventId }, 'rebalancing failed')
    this.due.set(
      eventId,
      setTimeout(() => void run().catch(failed), DEBOUNCE_MS),
    )
  }

  /** The events that have waited longest come first. */
  private async roundOfAll(): Promise<void> {
    await this.spans.closeStopped()
    const events = await this.prisma.event.findMany({
      where: {
        closedSince: null,
        redAlarmSince: null,
        pausedSince: null,
        startsAt: { gt: new Date() },
        channels: { some: {} },
      },
      select: { id: true },
    })
    const ids = new Set(events.map(({ id }) => id))
    for (const id of this.visitedAt.keys()) if (!ids.has(id)) this.visitedAt.delete(id)
    await this.rounds.round([...ids].toSorted((a, b) => (this.visitedAt.get(a) ?? 0) - (this.visitedAt.get(b) ?? 0)))
  }

  private async visit(eventId: string): Promise<void> {
    await this.rebalance(eventId, false)
    this.visitedAt.set(eventId, performance.now())
  }

  private async isFrozen(id: string): Promise<boolean> {
    return (await this.prisma.event.count({ where: { id, frozenSince: { not: null } } })) > 0
  }

  private async plan(eventId: string): Promise<Move[]> {
    const seen = await this.views.of(eventId)
    return seen ? planMoves(seen.view) : []
  }

  /** What is to be planned from, with the sales of likely donors up to now where a channel needs their units. */
  private async seen(eventId: string): ReturnType<RebalanceViews['of']> {
    const seen = await this.views.of(eventId)
    if (seen && (await this.reads.read(seen.view, seen.event.channels))) return this.views.of(eventId)
    return seen
  }

  /**
   * A receiver that waits for units nobody is about to let go of is wanted no more than it has, so that the next plan
   * starts from what can be had.
   */
  private async dropUnreachable(eventId: string): Promise<void> {
    await this.stock.transact(eventId, async (tx) => {
      const channels = await tx.prisma.channel.findMany({ where: { eventId } })
      const standings = channels.map((channel) => ({ channel, standing: channelStateOf(channel, tx.balances) }))
      // A raise still in flight is let go of as soon as it is settled.
      const shrinking = standings.some(({ standing }) => (standing.desiredCap ?? Infinity) < exposure(standing))
      if (shrinking || freeUnits(tx.balances) > 0) return
      for (const { channel, standing } of standings) {
        const { confirmedCap, desiredCap, desiredMode } = standing
        const unreachable = confirmedCap !== null && desiredCap !== null && desiredCap > exposure(standing)
        if (unreachable && desiredMode === 'OPEN')
          await this.desired.want(tx, channel, { cap: confirmedCap, mode: 'OPEN' })
      }
    })
  }

  /** A round that moves nothing leaves no trace. */
  private wantAndHurry(eventId: string, view: EventView, moves: readonly Move[]): Promise<boolean> {
    const attributes = { 'traffic_police.event_id': eventId, 'traffic_police.moves': moves.length }
    return traced('rebalance', { attributes }, async () => {
      const applied = await this.want(eventId, view, moves)
      if (applied) this.channels.hurry(eventId)
      return applied
    })
  }

  /** False: caps, sales or free units changed since the moves were planned, so that they no longer fit. */
  private async want(eventId: string, view: EventView, moves: readonly Move[]): Promise<boolean> {
    return this.stock.transact(eventId, async (tx) => {
      const event = await tx.prisma.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
      const now = currentChannels(event, tx.balances)
      const open = eventState(event) === 'ON_SALE' && event.frozenSince === null
      if (!open || !stillFits(moves, view.channels, now.channels, now.unallocated)) return false
      if ((await tx.post(directRequest(moves))) === null) return false
      for (const channel of event.channels) await this.shift(tx, channel, moves)
      await tx.prisma.rebalanceMove.createMany({
        data: moves.map((move) => ({ ...move, id: newId('mov'), eventId, plannedAt: new Date() })),
      })
      return true
    })
  }

  private async shift(tx: LockedEvent, channel: Channel, moves: readonly Move[]): Promise<void> {
    const got = moves.filter(({ to }) => to === channel.platform).reduce((sum, { quantity }) => sum + quantity, 0)
    const gave = moves.filter(({ from }) => from === channel.platform).reduce((sum, { quantity }) => sum + quantity, 0)
    if (got === gave) return
    const cap = (channel.desiredCap ?? channel.confirmedCap ?? 0) + got - gave
    await this.desired.want(tx, channel, { cap, mode: channel.desiredMode })
  }
}

/** The direct channel needs no platform: its units move at once. What it is to get from a platform waits for a later plan. */
function directRequest(moves: readonly Move[]): PostRequest {
  const postings = moves.flatMap(({ from, to, quantity }): Posting[] => {
    if (from === 'DIRECT') return [{ quantity, sources: [allocated('DIRECT')], destination: 'IN_TRANSIT' }]
    if (to === 'DIRECT' && from === 'UNALLOCATED')
      return [{ quantity, sources: ['UNALLOCATED'], destination: allocated('DIRECT') }]
    return []
  })
  return { postings, reason: 'rebalanced', actor: null, onInsufficient: 'skip' }
}

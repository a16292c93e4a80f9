import { Injectable, Logger, Optional, type BeforeApplicationShutdown } from '@nestjs/common'
import { LoopFailures } from '../alerts/loop-failures.js'
import { allocated } from '../domain/stock/ledger-account.js'
import { DIRECT } from '../domain/channel.js'
import { eventState } from '../domain/events/event-state.js'
import { exposure } from '../domain/caps/exposure.js'
import { freeUnits } from '../domain/caps/follow-exposure.js'
import { namedMove, type NamedMove } from '../domain/rebalancing/named-move.js'
import type { Posting } from '../domain/stock/posting.js'
import { stillFits } from '../domain/rebalancing/rebalance-fit.js'
import { AllocationPolicy, REBALANCING } from '../domain/rebalancing/allocation-policy.js'
import { UNALLOCATED, type EventView, type Move } from '../domain/rebalancing/rebalance-view.js'
import { FailSafeState } from '../system-mode/fail-safe-state.js'
import type { Channel } from '../domain/channel-record.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Config } from '../infrastructure/config/config.js'
import { newId } from '../infrastructure/ids.js'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { Locks } from '../infrastructure/locks/locks.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { traced } from '../infrastructure/tracing/spans.js'
import { EventStore } from '../stock/event-store.js'
import { OnStockChanged } from '../stock/on-stock-changed.js'
import type { LockedEvent } from '../stock/ledger.js'
import { Stock } from '../stock/stock.js'
import type { PostRequest } from '../stock/stock-transaction.js'
import type { StockChanged } from '../stock/stock-events.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { ChannelStore } from '../channels/channel-store.js'
import { channelStateOf } from '../channels/channel-state.js'
import { DesiredState } from '../channels/desired-state.js'
import { DEBOUNCE_MS } from './correction-time.js'
import { DonorReads } from './donor-reads.js'
import { OnSaleSpans } from './on-sale-spans.js'
import { RebalanceMoveStore } from './rebalance-move-store.js'
import { RebalanceViews, currentChannels } from './rebalance-view.js'

/** Limits of a round over all events. */
const CONCURRENCY = 4
const DEADLINE_MS = 15_000
const BACKOFF = { initialMs: 5_000, maxMs: 300_000 }

/**
 * Moves unsold units from slow channels to fast ones. A move changes desired state: it lowers the donor's cap and raises
 * the receiver's. The cap sync shrinks the donor; units whose release is confirmed are in transit, and only those go to
 * the receiver.
 */
@Injectable()
export class Rebalancer implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Rebalancer.name)
  private readonly moveCounter
  private readonly roundSeconds
  /** By event, the function that cancels its next round. */
  private readonly scheduled = new Map<string, () => void>()
  private readonly visitedAt = new Map<string, number>()
  private readonly rounds: ItemRounds<string>

  constructor(
    private readonly events: EventStore,
    private readonly channelStore: ChannelStore,
    private readonly moves: RebalanceMoveStore,
    private readonly failSafe: FailSafeState,
    private readonly locks: Locks,
    private readonly stock: Stock,
    private readonly views: RebalanceViews,
    private readonly spans: OnSaleSpans,
    private readonly reads: DonorReads,
    private readonly desired: DesiredState,
    private readonly channels: ChannelJobs,
    private readonly config: Config,
    private readonly loopFailures: LoopFailures,
    private readonly clock: Clock,
    private readonly timers: Timers,
    metrics: Metrics,
    @Optional() private readonly policy: AllocationPolicy = REBALANCING,
  ) {
    this.moveCounter = metrics.counter('rebalance_moves_total', 'Planned moves', ['from', 'to', 'result'])
    this.roundSeconds = metrics.histogram('rebalance_round_seconds', 'Time to plan and apply the moves of one event')
    this.rounds = new ItemRounds({
      keyOf: (eventId) => eventId,
      concurrency: CONCURRENCY,
      deadlineMs: DEADLINE_MS,
      backoff: BACKOFF,
      work: (eventId) => this.visit(eventId),
      onFailure: (eventId, error, consecutive) => this.loopFailures.record('rebalancing', eventId, error, consecutive),
      clock,
      timers,
    })
  }

  beforeApplicationShutdown(): void {
    for (const cancel of this.scheduled.values()) cancel()
    this.scheduled.clear()
  }

  /** Plans and, unless `dryRun`, applies the moves. Null: another process is rebalancing the event. */
  async rebalance(eventId: string, dryRun: boolean): Promise<{ moves: NamedMove[]; applied: boolean } | null> {
    if (dryRun) return { moves: await this.plan(eventId), applied: false }
    return this.locks.tryWith(`rebalance:${eventId}`, async () => {
      const stop = this.roundSeconds.startTimer()
      await this.spans.record(eventId)
      // In fail-safe mode confirmed caps reflect the closing, not demand.
      if (await this.failSafe.isFailSafe(null)) return { moves: [], applied: false }
      if (await this.isFrozen(eventId)) return { moves: await this.plan(eventId), applied: false }
      await this.resetUnreachableCaps(eventId)
      const loaded = await this.refreshedView(eventId)
      const moves = loaded ? this.policy.moves(loaded.view) : []
      const applied = loaded !== null && moves.length > 0 && (await this.applyMoves(eventId, loaded.view, moves))
      const named = loaded ? moves.map((move) => namedMove(move, loaded.event.channels)) : []
      for (const { from, to } of named) this.moveCounter.inc({ from, to, result: applied ? 'planned' : 'superseded' })
      stop()
      return { moves: named, applied }
    })
  }

  @OnStockChanged()
  schedule({ eventId }: StockChanged): void {
    if (this.scheduled.has(eventId)) return
    const run = async () => {
      this.scheduled.delete(eventId)
      await this.rebalance(eventId, false)
    }
    const failed = (error: unknown) => this.logger.warn({ err: error, eventId }, 'rebalancing failed')
    this.scheduled.set(
      eventId,
      this.timers.after(DEBOUNCE_MS, () => void run().catch(failed)),
    )
  }

  /** Events whose last visit is longest ago come first. */
  @Periodic({
    name: 'rebalancing round',
    every: ({ config }: Rebalancer) => config.intervals.rebalanceSeconds * 1_000,
  })
  async rebalanceAll(): Promise<void> {
    await this.spans.closeStopped()
    const filter = { scope: 'open', now: this.clock.now(), onSale: true, hasChannels: true } as const
    const ids = new Set(await this.events.ids(filter))
    for (const id of this.visitedAt.keys()) if (!ids.has(id)) this.visitedAt.delete(id)
    await this.rounds.round([...ids].toSorted((a, b) => (this.visitedAt.get(a) ?? 0) - (this.visitedAt.get(b) ?? 0)))
  }

  private async visit(eventId: string): Promise<void> {
    await this.rebalance(eventId, false)
    this.visitedAt.set(eventId, this.clock.monotonicMs())
  }

  private async isFrozen(eventId: string): Promise<boolean> {
    const event = await this.events.find(eventId)
    return event !== null && event.frozenSince !== null
  }

  private async plan(eventId: string): Promise<NamedMove[]> {
    const loaded = await this.views.of(eventId)
    return loaded ? this.policy.moves(loaded.view).map((move) => namedMove(move, loaded.event.channels)) : []
  }

  /** The view to plan from, after a read of likely donors where a channel needs their units. */
  private async refreshedView(eventId: string): ReturnType<RebalanceViews['of']> {
    const loaded = await this.views.of(eventId)
    if (loaded && (await this.reads.read(loaded.view, loaded.event.channels))) return this.views.of(eventId)
    return loaded
  }

  /**
   * Resets the desired cap of a receiver to its confirmed cap when no channel is about to release units, so that the next
   * plan starts from reachable caps.
   */
  private async resetUnreachableCaps(eventId: string): Promise<void> {
    await this.stock.transact(eventId, async (tx) => {
      const channels = await this.channelStore.matching(tx.transaction, { eventId })
      const states = channels.map((channel) => ({ channel, state: channelStateOf(channel, tx.balances) }))
      // The units of a raise in flight are released once it is settled.
      const shrinking = states.some(({ state }) => (state.desiredCap ?? Infinity) < exposure(state))
      if (shrinking || freeUnits(tx.balances) > 0) return
      for (const { channel, state } of states) {
        const { confirmedCap, desiredCap, desiredMode } = state
        const unreachable = confirmedCap !== null && desiredCap !== null && desiredCap > exposure(state)
        if (unreachable && desiredMode === 'OPEN')
          await this.desired.setDesired(tx, channel, { cap: confirmedCap, mode: 'OPEN' })
      }
    })
  }

  /** Rounds without moves create no span. */
  private applyMoves(eventId: string, view: EventView, moves: readonly Move[]): Promise<boolean> {
    const attributes = { 'traffic_police.event_id': eventId, 'traffic_police.moves': moves.length }
    return traced('rebalance', { attributes }, async () => {
      const applied = await this.moveDesiredCaps(eventId, view, moves)
      if (applied) this.channels.wake(eventId)
      return applied
    })
  }

  /** False: superseded, because caps, sales or free units changed since the moves were planned. */
  private async moveDesiredCaps(eventId: string, view: EventView, moves: readonly Move[]): Promise<boolean> {
    return this.stock.transact(eventId, async (tx) => {
      const event = await this.events.withChannels(tx.transaction, eventId)
      const current = currentChannels(event, tx.balances)
      const open = eventState(event, this.clock.now()) === 'ON_SALE' && event.frozenSince === null
      if (!open || !stillFits(moves, view.channels, current.channels, current.unallocated)) return false
      if ((await tx.post(directRequest(moves))) === null) return false
      for (const channel of event.channels) await this.moveDesiredCap(tx, channel, moves)
      const plannedAt = this.clock.now()
      const planned = moves.map((move) => ({ ...move, id: newId('mov'), eventId, plannedAt }))
      await this.moves.append(tx.transaction, planned)
      return true
    })
  }

  private async moveDesiredCap(tx: LockedEvent, channel: Channel, moves: readonly Move[]): Promise<void> {
    const { id, desiredCap, confirmedCap } = channel
    const received = moves.filter(({ to }) => to === id).reduce((sum, { quantity }) => sum + quantity, 0)
    const donated = moves.filter(({ from }) => from === id).reduce((sum, { quantity }) => sum + quantity, 0)
    if (received === donated) return
    const cap = (desiredCap ?? confirmedCap ?? 0) + received - donated
    await this.desired.setDesired(tx, channel, { cap, mode: channel.desiredMode })
  }
}

/** The direct channel needs no write: its units move at once. Units it gets from a platform are part of a later plan. */
function directRequest(moves: readonly Move[]): PostRequest {
  const postings = moves.flatMap(({ from, to, quantity }): Posting[] => {
    if (from === DIRECT.id) return [{ quantity, sources: [allocated(DIRECT)], destination: 'IN_TRANSIT' }]
    if (to === DIRECT.id && from === UNALLOCATED)
      return [{ quantity, sources: ['UNALLOCATED'], destination: allocated(DIRECT) }]
    return []
  })
  return { postings, reason: 'rebalanced', actor: null, onInsufficient: 'skip' }
}

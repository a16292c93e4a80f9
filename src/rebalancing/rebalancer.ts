import { Injectable, Logger, Optional, type BeforeApplicationShutdown } from '@nestjs/common'
import { LoopFailures } from '../alerts/loop-failures.js'
import { namedMove, type NamedMove } from '../domain/rebalancing/named-move.js'
import { AllocationPolicy, REBALANCING } from '../domain/rebalancing/allocation-policy.js'
import type { EventView, Move } from '../domain/rebalancing/rebalance-view.js'
import { FailSafeState } from '../system-mode/fail-safe-state.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Config } from '../infrastructure/config/config.js'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { Locks } from '../infrastructure/locks/locks.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { traced } from '../infrastructure/tracing/spans.js'
import { EventStore } from '../stock/event-store.js'
import { OnStockChanged } from '../stock/on-stock-changed.js'
import type { StockChanged } from '../stock/stock-events.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DEBOUNCE_MS } from './correction-time.js'
import { DesiredMoves } from './desired-moves.js'
import { DonorReads } from './donor-reads.js'
import { OnSaleSpans } from './on-sale-spans.js'
import { RebalanceViews } from './rebalance-view.js'

/** There is nothing to move: new holds only show whether the direct channel is still on sale. */
const UNLISTED_DEBOUNCE_MS = 10_000

/** Limits of a round over all events. */
const CONCURRENCY = 4
const DEADLINE_MS = 15_000
const BACKOFF = { initialMs: 5_000, maxMs: 300_000 }

/**
 * Gives units of the reserve, and unsold ones of slow channels, to the channels that sell them. A move changes desired
 * state: it lowers the donor's cap and raises the receiver's. The cap sync shrinks the donor; units whose release is
 * confirmed are in transit, and only those go to the receiver.
 */
@Injectable()
export class Rebalancer implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Rebalancer.name)
  private readonly moveCounter
  private readonly roundSeconds
  /** By event, its next round; an urgent one is not delayed by one that is not. */
  private readonly scheduled = new Map<string, { cancel: () => void; isUrgent: boolean }>()
  /** Events that had no listing when they were last rebalanced, as far as known since the last round over all events. */
  private readonly unlisted = new Set<string>()
  private readonly visitedAt = new Map<string, number>()
  private readonly rounds: ItemRounds<string>

  constructor(
    private readonly events: EventStore,
    private readonly moves: DesiredMoves,
    private readonly failSafe: FailSafeState,
    private readonly locks: Locks,
    private readonly views: RebalanceViews,
    private readonly spans: OnSaleSpans,
    private readonly reads: DonorReads,
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
    for (const { cancel } of this.scheduled.values()) cancel()
    this.scheduled.clear()
  }

  /** Plans and, unless `dryRun`, applies the moves. Null: another process is rebalancing the event. */
  async rebalance(eventId: string, dryRun: boolean): Promise<{ moves: NamedMove[]; applied: boolean } | null> {
    if (dryRun) return { moves: await this.plan(eventId), applied: false }
    return this.locks.tryWith(`rebalance:${eventId}`, async () => {
      const stop = this.roundSeconds.startTimer()
      const event = await this.spans.record(eventId)
      // All its units are sold directly.
      if (event?.channels.length === 0) {
        this.unlisted.add(eventId)
        return { moves: [], applied: false }
      }
      // In fail-safe mode confirmed caps reflect the closing, not demand.
      if (await this.failSafe.isFailSafe(null)) return { moves: [], applied: false }
      if (await this.isFrozen(eventId)) return { moves: await this.plan(eventId), applied: false }
      await this.moves.resetUnreachableCaps(eventId)
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
  schedule({ eventId, heldOnly }: StockChanged): void {
    const isUrgent = !heldOnly || !this.unlisted.has(eventId)
    const scheduled = this.scheduled.get(eventId)
    if (scheduled && (scheduled.isUrgent || !isUrgent)) return
    scheduled?.cancel()
    const run = async () => {
      this.scheduled.delete(eventId)
      await this.rebalance(eventId, false)
    }
    const failed = (error: unknown) => this.logger.warn({ err: error, eventId }, 'rebalancing failed')
    const delayMs = isUrgent ? DEBOUNCE_MS : UNLISTED_DEBOUNCE_MS
    const cancel = this.timers.after(delayMs, () => void run().catch(failed))
    this.scheduled.set(eventId, { cancel, isUrgent })
  }

  /** Events whose last visit is longest ago come first. */
  @Periodic({
    name: 'rebalancing round',
    every: ({ config }: Rebalancer) => config.intervals.rebalanceSeconds * 1_000,
  })
  async rebalanceAll(): Promise<void> {
    await this.spans.closeStopped()
    this.unlisted.clear()
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

  /** Rounds without moves create no span. */
  private applyMoves(eventId: string, view: EventView, moves: readonly Move[]): Promise<boolean> {
    const attributes = { 'traffic_police.event_id': eventId, 'traffic_police.moves': moves.length }
    return traced('rebalance', { attributes }, async () => {
      const applied = await this.moves.apply(eventId, view, moves)
      if (applied) this.channels.wake(eventId)
      return applied
    })
  }
}

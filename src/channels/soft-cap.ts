import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { LoopFailures } from '../alerts/loop-failures.js'
import { committedTickets, isSoftCapReached, softCapThreshold } from '../domain/events/soft-cap.js'
import { capacityOf } from '../domain/stock/ledger-account.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { spanEvent, traced } from '../infrastructure/tracing/spans.js'
import { EventStore } from '../stock/event-store.js'
import { OnStockChanged } from '../stock/on-stock-changed.js'
import { Stock } from '../stock/stock.js'
import type { StockChanged } from '../stock/stock-events.js'
import { ChannelJobs } from './sync/channel-jobs.js'
import { DesiredState } from './desired-state.js'

const CHECK_INTERVAL_MS = 2_000
const CHECK_CONCURRENCY = 4
/** How long one event, whose row may be locked, may occupy its place, ms. */
const CHECK_DEADLINE_MS = 1_000
const CHECK_BACKOFF = { initialMs: 500, maxMs: 10_000 }

/**
 * The red alarm: once sold tickets and holds being paid reach the soft cap, every platform goes to waitlist only, and
 * stays there until an operator reopens. It latches: tickets cancelled in the meantime do not go back on sale.
 */
@Injectable()
export class SoftCap {
  private readonly logger = new Logger(SoftCap.name)
  private readonly checks: ItemRounds

  constructor(
    private readonly events: EventStore,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly alerts: AlertService,
    private readonly channels: ChannelJobs,
    private readonly loopFailures: LoopFailures,
    private readonly clock: Clock,
    timers: Timers,
  ) {
    this.checks = new ItemRounds({
      concurrency: CHECK_CONCURRENCY,
      deadlineMs: CHECK_DEADLINE_MS,
      backoff: CHECK_BACKOFF,
      work: (eventId) => this.check(eventId),
      onFailure: (eventId, error, consecutive) =>
        this.loopFailures.record('soft cap check', eventId, error, consecutive),
      clock,
      timers,
    })
  }

  @OnStockChanged()
  async checkChanged({ eventId, heldOnly }: StockChanged): Promise<void> {
    // Holds count from when they are being paid.
    if (heldOnly) return
    if (await this.isReached(eventId)) await this.check(eventId)
  }

  /**
   * Finds soft caps that were reached without a notification to this process: by a sale in an `api` process, by a
   * capacity lowered to what is sold, in fail-safe mode. A query without locks; each event found is then checked under
   * its own lock and delays no other.
   */
  @Periodic({ name: 'soft cap check', every: CHECK_INTERVAL_MS })
  async checkAll(): Promise<void> {
    await this.checks.round(await this.events.idsAtSoftCap())
  }

  /** A check without the event's lock, so that sales far from the soft cap are cheap. */
  private async isReached(eventId: string): Promise<boolean> {
    const event = await this.events.withBalances(eventId)
    if (!event || event.redAlarmSince) return false
    const { balances, softCapRatio } = event
    const threshold = softCapThreshold(softCapRatio, balances)
    if (!isSoftCapReached(committedTickets(balances, balances.HELD), threshold)) return false
    return isSoftCapReached(committedTickets(balances, await this.events.unitsBeingPaid(null, eventId)), threshold)
  }

  async check(eventId: string): Promise<void> {
    return traced('check soft cap', { attributes: { 'traffic_police.event_id': eventId } }, () => this.latch(eventId))
  }

  private async latch(eventId: string): Promise<void> {
    const alarm = await this.stock.transact(eventId, async (tx) => {
      const event = await this.events.withChannels(tx.transaction, eventId)
      const beingPaid = await this.events.unitsBeingPaid(tx.transaction, eventId)
      const taken = committedTickets(tx.balances, beingPaid)
      const threshold = softCapThreshold(event.softCapRatio, tx.balances)
      if (event.redAlarmSince || event.closedSince || !isSoftCapReached(taken, threshold)) return null
      const alarmed = { ...event, redAlarmSince: this.clock.now() }
      await this.events.update(tx.transaction, eventId, { redAlarmSince: alarmed.redAlarmSince })
      await this.desired.replan(tx, alarmed, event.channels, true)
      return { name: event.name, taken, threshold, capacity: capacityOf(tx.balances) }
    })
    if (!alarm) return
    this.logger.warn({ eventId, ...alarm }, 'red alarm')
    spanEvent('red alarm', { 'traffic_police.taken': alarm.taken, 'traffic_police.threshold': alarm.threshold })
    this.channels.wake(eventId)
    const { name, taken, capacity } = alarm
    const detail = `${name}: ${taken} of ${capacity} are sold or being paid. All platforms go to waitlist only; the rest is sold manually. Reopen the event to sell more there.`
    await this.alerts.raise({ kind: 'RED_ALARM', eventId, detail })
  }
}

import { Injectable } from '@nestjs/common'
import { capacityOf, soldTotal } from '../../domain/stock/ledger-account.js'
import { API_PLATFORMS, type Platform } from '../../domain/channel.js'
import { floorShare } from '../../domain/stock/ratio.js'
import { pollIntervalMs, sweepPauseMs } from '../../domain/orders/sweep-pace.js'
import { Config } from '../../infrastructure/config/config.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Random } from '../../infrastructure/time/random.js'
import { OrderStore } from '../../orders/order-store.js'
import type { ListScope } from '../../platforms/port.js'
import { polledPlatforms, traitsOf } from '../../platforms/registry.js'
import { SweepBudget } from './sweep-budget.js'
import { SweepStore, type ChannelWithSweep } from './sweep-store.js'

/** Scope of a sweep, which has to show cancellations as well. */
export function sweepScope(platform: Platform): ListScope {
  return traitsOf(platform).changesIncludeCancellations ? 'changed' : 'full'
}

/** Time of the oldest scheduled read that is pending, else `now`; null for a listing that was never scheduled. */
function pendingSince({ sweep, lastPullAt }: ChannelWithSweep, now: Date): Date | null {
  if (!sweep) return null
  const isDone = sweep.readRequestedAt === null || (lastPullAt !== null && lastPullAt >= sweep.readRequestedAt)
  return isDone ? now : sweep.readRequestedAt
}

/** Jitter, so that sweeps that coincide once drift apart. */
const JITTER = 0.1
const MAX_DUE = 500

/** When each listing is read next. Stored in PostgreSQL, so that it survives restarts and all processes share it. */
@Injectable()
export class SweepSchedule {
  private readonly missedWebhooks

  constructor(
    private readonly sweeps: SweepStore,
    private readonly orders: OrderStore,
    private readonly config: Config,
    private readonly budget: SweepBudget,
    private readonly clock: Clock,
    private readonly random: Random,
    metrics: Metrics,
  ) {
    const help = 'Changed orders that a sweep found and no webhook had reported'
    this.missedWebhooks = metrics.counter('sweep_missed_webhooks_total', help, ['platform'])
  }

  /** Channels with a due poll or sweep, or without a schedule yet. */
  due(now: Date): Promise<ChannelWithSweep[]> {
    return this.sweeps.due(now, API_PLATFORMS, MAX_DUE)
  }

  /**
   * Schedules the next sweep; `isSweepRequested`: one was enqueued now. Also schedules the first poll; later ones stay due
   * until they are made, see `scheduleNextPoll`.
   */
  async plan(channel: ChannelWithSweep, now: Date, isSweepRequested: boolean): Promise<void> {
    const pauseMs = await this.pauseMs(channel, now)
    const jitter = 1 + JITTER * (2 * this.random.next() - 1)
    const lastReadAt = channel.sweep ? now : (channel.lastPullAt ?? now)
    const nextSweepAt =
      isSweepRequested || !channel.sweep ? new Date(lastReadAt.getTime() + pauseMs * jitter) : channel.sweep.nextSweepAt
    const requested = isSweepRequested ? { readRequestedAt: pendingSince(channel, now) } : {}
    const poll = channel.sweep?.nextPollAt ? {} : await this.nextPoll(channel, now)
    await this.sweeps.plan(channel.id, { nextSweepAt, pauseMs, ...poll, ...requested })
  }

  /** Call after a read: schedules the next poll from `now`, according to the state that the read recorded. */
  async scheduleNextPoll(channelId: string, now: Date): Promise<void> {
    const channel = await this.sweeps.find(channelId)
    if (!channel?.sweep || traitsOf(channel.platform).polling === null) return
    await this.sweeps.update(channelId, await this.nextPoll(channel, now))
  }

  /** Call after an unscheduled read with the scope of a sweep: schedules the next sweep from `now`. */
  async scheduleNextSweep(channelId: string, now: Date): Promise<void> {
    const channel = await this.sweeps.find(channelId)
    if (!channel?.sweep) return
    const nextSweepAt = new Date(now.getTime() + (await this.pauseMs(channel, now)))
    await this.sweeps.postponeSweep(channelId, nextSweepAt)
  }

  /** Channels whose next poll may be scheduled later than their current state requires. */
  withFuturePoll(now: Date): Promise<ChannelWithSweep[]> {
    return this.sweeps.withFuturePoll(now, polledPlatforms(), MAX_DUE)
  }

  /** Moves a poll forward where the listing has reopened or filled up. */
  async advancePoll(channel: ChannelWithSweep, now: Date): Promise<void> {
    const scheduledAt = channel.sweep?.nextPollAt ?? null
    const desired = await this.nextPoll(channel, channel.lastPullAt ?? now)
    const nextPollAt = desired.nextPollAt && new Date(Math.max(desired.nextPollAt.getTime(), now.getTime()))
    const isEarlyEnough = nextPollAt === null ? scheduledAt === null : scheduledAt !== null && scheduledAt <= nextPollAt
    if (isEarlyEnough) return
    // Conditional: it may have been rescheduled concurrently.
    await this.sweeps.movePoll(channel.id, scheduledAt, { ...desired, nextPollAt })
  }

  /** Records changed orders that a sweep found and no webhook had reported: deliveries are lost, so sweeps become more frequent. */
  async recordMissedWebhooks(channelId: string, platform: Platform, orders: number): Promise<void> {
    this.missedWebhooks.inc({ platform }, orders)
    const now = this.clock.now()
    const channel = await this.sweeps.find(channelId)
    if (!channel?.sweep) return
    const sweep = { ...channel.sweep, missedWebhookAt: now }
    const pauseMs = await this.pauseMs({ ...channel, sweep }, now)
    const nextSweepAt = new Date(Math.min(sweep.nextSweepAt.getTime(), now.getTime() + pauseMs))
    await this.sweeps.update(channelId, { missedWebhookAt: now, pauseMs, nextSweepAt })
  }

  /** Makes sweeps of all listings of a connection due now, because it got no webhooks for a while. */
  async sweepNow(connectionId: string): Promise<void> {
    await this.sweeps.sweepAll(connectionId, this.clock.now())
  }

  async pauseMs(channel: ChannelWithSweep, now: Date): Promise<number> {
    const { event, sweep, balances } = channel
    const lastSaleAt = await this.orders.lastSeenAt(event.id, channel.id)
    const msSince = (instant: Date | null | undefined) => (instant ? now.getTime() - instant.getTime() : null)
    return sweepPauseMs({
      baseMs: this.config.intervals.sweepSeconds * 1_000,
      affordableMs: (await this.budget.load(channel.connectionId)).affordableMs,
      soldAndHeld: balances ? soldTotal(balances) + balances.HELD : 0,
      threshold: balances ? floorShare(event.softCapRatio, capacityOf(balances)) : 1,
      msSinceMissedWebhook: msSince(sweep?.missedWebhookAt),
      msSinceLastSale: msSince(lastSaleAt ?? channel.createdAt),
    })
  }

  /** The pause between two polls, ms; null where sweeps are sufficient: the platform sends webhooks, or the listing is closed. */
  async pollMs(channel: ChannelWithSweep): Promise<number | null> {
    const { event, balances } = channel
    const { polling } = traitsOf(channel.platform)
    if (polling === null || !balances) return null
    if (event.closedSince && channel.confirmedMode === 'WAITLIST_ONLY') return null
    const { pollStretch } = await this.budget.load(channel.connectionId)
    return pollIntervalMs(this.budget.desiredPollMs(channel, balances, polling), pollStretch)
  }

  /** When the next poll is due, and the pause that leads to it, ms; both null where there are no polls. */
  private async nextPoll(channel: ChannelWithSweep, from: Date) {
    const pollMs = await this.pollMs(channel)
    return { pollMs, nextPollAt: pollMs === null ? null : new Date(from.getTime() + pollMs) }
  }
}

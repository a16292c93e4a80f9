import { Injectable } from '@nestjs/common'
import { ChannelPull } from '../../channels/reading/channel-pull.js'
import { ChannelStore } from '../../channels/channel-store.js'
import { READ_LAG_MS } from '../../channels/recount.js'
import type { Lane } from '../../domain/channel.js'
import type { Channel } from '../../domain/channel-record.js'
import { Config } from '../../infrastructure/config/config.js'
import { RetryLaterError } from '../../infrastructure/queues/job-queues.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Platforms } from '../../platforms/platforms.js'
import type { Failure, ListScope } from '../../platforms/port.js'
import { traitsOf } from '../../platforms/registry.js'
import { SweepSchedule } from '../polling/sweep-schedule.js'

const BUSY_RETRY_MS = 300
const OUTAGE_SWEEP_RETRY_MS = 2_000
/** Maximum expected delay between a change and its webhook, ms. */
const MAX_WEBHOOK_DELAY_MS = 30_000

/** Fetches a listing's changes. Requests made before a fetch starts are coalesced into it. */
@Injectable()
export class ChangesFetcher {
  constructor(
    private readonly channels: ChannelStore,
    private readonly pulls: ChannelPull,
    private readonly platforms: Platforms,
    private readonly schedule: SweepSchedule,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Resolves once a read that started after `requestedAt` is done. Throws RetryLaterError, or another error to be retried. */
  async fetch(channel: Channel, scope: ListScope, lane: Lane, requestedAt: Date): Promise<void> {
    const { lastPullAt, raisedAt, needsSweepSince } = await this.channels.read(null, channel.id)
    const now = this.clock.now()
    if (scope === 'changed' && lastPullAt && lastPullAt > requestedAt)
      return this.schedule.scheduleNextPoll(channel.id, now)
    // Many webhooks cost one read.
    const earliestByInterval = (lastPullAt?.getTime() ?? 0) + traitsOf(channel.platform).minReadIntervalMs
    const nextReadAt = Math.max(earliestByInterval, raisedAt ? raisedAt.getTime() + READ_LAG_MS : 0)
    if (scope === 'changed' && nextReadAt > now.getTime())
      throw new RetryLaterError(new Date(nextReadAt), 'the listing was read recently')
    // Reads of a listing are serialized, and after an outage the sweep that its reopening depends on has priority.
    if (needsSweepSince !== null)
      throw new RetryLaterError(
        new Date(now.getTime() + OUTAGE_SWEEP_RETRY_MS),
        'an outage sweep of the listing is pending',
      )
    const result = await this.pulls.pull(channel, scope, { lane })
    const doneAt = this.clock.now()
    if (result.kind === 'BUSY')
      throw new RetryLaterError(new Date(doneAt.getTime() + BUSY_RETRY_MS), 'the listing is already being read')
    if (result.kind === 'FAILED') throwForRetry(result.failure)
    if (lane === 'bulk') await this.recordMissedWebhooks(channel, result.changed, now)
    await this.schedule.scheduleNextPoll(channel.id, this.clock.now())
  }

  /** Counts changes that only the sweep found although their webhooks had enough time to arrive. */
  private async recordMissedWebhooks(
    channel: Channel,
    changed: readonly (Date | null)[],
    startedAt: Date,
  ): Promise<void> {
    const { platform } = channel
    if (!this.platforms.of(channel).hasWebhooks) return
    const delayMs = Math.min(MAX_WEBHOOK_DELAY_MS, this.config.intervals.sweepSeconds * 1_000)
    const webhookDueBefore = startedAt.getTime() - delayMs
    const missed = changed.filter((at) => at === null || at.getTime() < webhookDueBefore).length
    if (missed > 0) await this.schedule.recordMissedWebhooks(channel.id, platform, missed)
  }
}

/** A throttled read is delayed and uses up no attempt; any other failure does, and the sweep covers what finally fails. */
export function throwForRetry(failure: Failure): never {
  if (failure.kind === 'THROTTLED') throw new RetryLaterError(failure.resumeAt, 'throttled')
  throw new Error(`${failure.kind}: ${'message' in failure ? failure.message : failure.reason}`)
}

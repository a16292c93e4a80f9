import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import { ChannelPull } from '../../channels/reading/channel-pull.js'
import { ChannelStore } from '../../channels/channel-store.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { waitAtMost } from '../../infrastructure/time/with-timeout.js'
import { traitsOf } from '../../platforms/registry.js'
import type { Failure, ListScope } from '../../platforms/port.js'
import { Platforms } from '../../platforms/platforms.js'
import { SweepSchedule, sweepScope } from '../../inbound/polling/sweep-schedule.js'
import { ConnectionLanes } from '../close/connection-lanes.js'

/** Per platform: a slow or throttled platform does not block the others. */
const MAX_CONCURRENT = 3
/** Per channel. */
const READ_TIMEOUT_MS = 75_000
const BACKOFF = { initialMs: 5_000, maxMs: 120_000 }
/** How long a throttled channel keeps its slot: giving it up would lose its position in the queue for the budget. */
const MAX_THROTTLE_WAIT_MS = 60_000
const BUSY_RETRY_MS = 200
/** Attempts to record a completed sweep while other errors of the channel are recorded at the same time. */
const MAX_COMPLETIONS = 3
/** Begins an error of this reading; other errors of a channel are left to those who recorded them. */
const SWEEP_ERROR = 'sweep:'

/** The channel was not read completely. It is retried; if its reopening needs the read, it stays closed until then. */
class SweepFailed extends Error {}

/** Reads the sales that may have been missed, so that channels can reopen. */
@Injectable()
export class OutageSweep implements BeforeApplicationShutdown {
  private readonly logger = new Logger('FailSafe')
  private readonly lanes: ConnectionLanes<Channel>
  private readonly shutdown = new AbortController()

  constructor(
    private readonly channels: ChannelStore,
    private readonly pulls: ChannelPull,
    private readonly platforms: Platforms,
    private readonly schedule: SweepSchedule,
    private readonly alerts: AlertService,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {
    this.lanes = new ConnectionLanes({
      concurrency: MAX_CONCURRENT,
      deadlineMs: READ_TIMEOUT_MS,
      backoff: BACKOFF,
      work: (channel) => this.sweep(channel),
      onFailure: ({ eventId, platform }, error) =>
        this.logger.warn({ err: error, eventId, platform }, 'failed to read sales since the outage'),
      clock,
      timers,
    })
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.shutdown.abort()
    await this.lanes.idle()
  }

  /**
   * Sweeps every pending channel, longest waiting first. Returns after `timeoutMs` at the latest; unfinished reads continue
   * in the background. A channel that cannot be read stays closed, with an alert, until a later sweep reads it.
   */
  async sweepPending(timeoutMs: number): Promise<void> {
    const filter = { attached: true, needsSweep: true, openAt: this.clock.now() } as const
    const channels = await this.channels.matching(null, filter)
    if (channels.length === 0) return
    await waitAtMost(timeoutMs, () => this.lanes.start(channels.toSorted(byWait)), this.timers)
  }

  /**
   * Starts sweeping every channel of platforms with webhooks: queued deliveries may have been lost with the Redis state.
   * Does not wait for the reads and closes no channel.
   */
  async sweepAll(): Promise<void> {
    const filter = { attached: true, imported: true, openAt: this.clock.now() } as const
    const imported = await this.channels.matching(null, filter)
    const channels = imported.filter((channel) => this.platforms.of(channel).hasWebhooks)
    void this.lanes.start(channels.toSorted(byLastPull))
  }

  private async sweep(channel: Channel): Promise<void> {
    // A channel that is not imported yet is read completely by its import; without an API nothing can be read.
    const isRead = channel.importedAt !== null && traitsOf(channel.platform).hasApi
    const failure = isRead ? await this.read(channel) : null
    const { eventId, platform, needsSweepSince } = channel
    if (failure) {
      // A spent budget is not a failure of the channel: it is retried in the next round without backoff.
      if (failure.kind === 'THROTTLED' || !(await this.recordFailure(channel, failure))) return
      throw new SweepFailed(reasonOf(failure))
    }
    if (isRead) await this.postponeScheduledRead(channel)
    const completed = await this.complete(channel)
    if (completed && needsSweepSince !== null) this.logger.log({ eventId, platform }, 'sales since the outage read')
  }

  /** A scheduled read would spend the budget that reopening the channel needs. */
  private async postponeScheduledRead({ id, platform }: Channel): Promise<void> {
    const swept = scopeOf(platform) === sweepScope(platform)
    const now = this.clock.now()
    await (swept ? this.schedule.scheduleNextSweep(id, now) : this.schedule.scheduleNextPoll(id, now))
  }

  /** Null: read completely. Exceptions become the failure of this channel. */
  private async read(channel: Channel): Promise<Failure | null> {
    try {
      return await this.pull(channel)
    } catch (error) {
      return { kind: 'UNAVAILABLE', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  private async pull(channel: Channel): Promise<Failure | null> {
    const lane = channel.needsSweepSince === null ? 'grow' : 'protect'
    const deadline = this.clock.now().getTime() + MAX_THROTTLE_WAIT_MS
    for (;;) {
      const result = await this.pulls.pull(channel, scopeOf(channel.platform), { lane })
      if (result.kind === 'DONE') return null
      const failure = result.kind === 'FAILED' ? result.failure : busy(this.clock.now())
      if (failure.kind !== 'THROTTLED' || failure.resumeAt.getTime() > deadline || this.shutdown.signal.aborted)
        return failure
      const waitMs = Math.max(1, failure.resumeAt.getTime() - this.clock.now().getTime())
      await this.timers.sleep(waitMs, this.shutdown.signal).catch(() => undefined)
    }
  }

  /**
   * Removes the mark and the error of this sweep in one statement, so that no error stays without a sweep that could remove
   * it. The error is read again: this or another process may have recorded it since the start of the round. False: a
   * concurrent outage has set a later instant and needs another sweep, or another process has completed this one.
   */
  private async complete({ id, needsSweepSince }: Channel): Promise<boolean> {
    for (let attempt = 0; attempt < MAX_COMPLETIONS; attempt++) {
      const { syncError, needsSweepSince: pending } = await this.channels.read(null, id)
      if (pending?.getTime() !== needsSweepSince?.getTime()) return false
      const change = { needsSweepSince: null, syncError: syncError?.startsWith(SWEEP_ERROR) ? null : syncError }
      if (await this.channels.updateIf(null, id, { needsSweepSince, syncError }, change)) return true
    }
    throw new SweepFailed('its errors change continuously')
  }

  /**
   * False: another process has completed this sweep, so that nothing has failed. A process that was suspended during its
   * read notices that late; an error that it recorded then would never be removed.
   */
  private async recordFailure(
    { id, eventId, platform, needsSweepSince }: Channel,
    failure: Exclude<Failure, { kind: 'THROTTLED' }>,
  ): Promise<boolean> {
    if (needsSweepSince === null) return true
    const reason = reasonOf(failure)
    const syncError = `${SWEEP_ERROR} ${failure.kind}: ${reason}`
    if (!(await this.channels.updateIf(null, id, { needsSweepSince }, { syncError }))) return false
    await this.alerts.raise({
      kind: 'PLATFORM_UNREACHABLE',
      eventId,
      platform,
      about: 'outage sweep',
      detail: `${platform}: sales since the outage could not be read (${reason}). The channel stays waitlist only until they are.`,
    })
    return true
  }
}

/** Longest waiting first. */
function byWait(a: Channel, b: Channel): number {
  return msOf(a.needsSweepSince) - msOf(b.needsSweepSince) || byLastPull(a, b)
}

/** Longest not read first, never read ones before others. */
function byLastPull(a: Channel, b: Channel): number {
  return msOf(a.lastPullAt) - msOf(b.lastPullAt)
}

function msOf(instant: Date | null): number {
  return instant?.getTime() ?? 0
}

/**
 * The changes where they can be listed: a full list may cost several times as much and keep the channel closed longer; the
 * next scheduled sweep finds what the changes do not show, such as a removed member of Meetup.
 */
function scopeOf(platform: string): ListScope {
  return traitsOf(platform).listsChanges ? 'changed' : 'full'
}

function reasonOf(failure: Exclude<Failure, { kind: 'THROTTLED' }>): string {
  return 'message' in failure ? failure.message : failure.reason
}

/** Another process is reading; that read may have started too early. */
function busy(now: Date): Failure {
  return { kind: 'THROTTLED', resumeAt: new Date(now.getTime() + BUSY_RETRY_MS) }
}

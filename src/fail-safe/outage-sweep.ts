import { setTimeout as sleep } from 'node:timers/promises'
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { ChannelPull } from '../channels/channel-pull.js'
import type { Platform } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { Failure, ListScope } from '../platforms/port.js'
import { Platforms } from '../platforms/platforms.js'
import { SweepSchedule, sweepScope } from '../webhooks/sweep-schedule.js'
import { PlatformLanes } from './platform-lanes.js'
import { openEvents } from '../inventory/live-events.js'

/** Per platform: one that is slow or throttled holds up no other one. */
const AT_ONCE = 3
/** For so long one channel may have its place, ms. */
const READ_WITHIN_MS = 75_000
const RETRY = { firstMs: 5_000, longestMs: 120_000 }
/** For so long a throttled channel waits at its place, ms: leaving, it would lose its turn in the line for budget. */
const PATIENCE_MS = 60_000
const BUSY_MS = 200

/** The channel was not read to its end; it stays closed, where it waits for that, and is read again. */
class NotRead extends Error {}

/** Reads the sales that may have gone unseen, so that channels may open again. */
@Injectable()
export class OutageSweep implements BeforeApplicationShutdown {
  private readonly logger = new Logger('FailSafe')
  private readonly lanes = new PlatformLanes<Channel>({
    concurrency: AT_ONCE,
    deadlineMs: READ_WITHIN_MS,
    backoff: RETRY,
    work: (channel) => this.sweep(channel),
    onFailure: ({ eventId, platform }, error) =>
      this.logger.warn({ err: error, eventId, platform }, 'sales since the outage cannot be read'),
  })
  private readonly ended = new AbortController()

  constructor(
    private readonly prisma: PrismaService,
    private readonly pulls: ChannelPull,
    private readonly platforms: Platforms,
    private readonly schedule: SweepSchedule,
    private readonly alerts: AlertService,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.ended.abort()
    await this.lanes.idle()
  }

  /**
   * Reads every channel that waits for it, longest waiting first, for at most `withinMs`; what is not done then goes on
   * behind the caller. A channel that cannot be read stays closed, with an alert, until a later sweep reads it.
   */
  async sweepWaiting(withinMs: number): Promise<void> {
    const channels = await this.prisma.channel.findMany({
      where: { needsSweepSince: { not: null }, detachedAt: null, event: openEvents(new Date()) },
      orderBy: [{ needsSweepSince: 'asc' }, { lastPullAt: { sort: 'asc', nulls: 'first' } }],
    })
    if (channels.length === 0) return
    const enough = new AbortController()
    const timeout = sleep(withinMs, undefined, { signal: enough.signal, ref: false }).catch(() => undefined)
    await Promise.race([this.lanes.begin(channels), timeout])
    enough.abort()
  }

  /**
   * Begins to read every channel of platforms that send notices: some may have been lost with what Redis forgot.
   * Nothing waits for that, and nothing is closed for it.
   */
  async sweepAll(): Promise<void> {
    const channels = await this.prisma.channel.findMany({
      where: { importedAt: { not: null }, detachedAt: null, event: openEvents(new Date()) },
      orderBy: { lastPullAt: { sort: 'asc', nulls: 'first' } },
    })
    void this.lanes.begin(channels.filter(({ platform }) => this.platforms.get(platform as Platform).hasWebhooks))
  }

  private async sweep(channel: Channel): Promise<void> {
    // What was never taken over is read whole when it is.
    const failure = channel.importedAt ? await this.read(channel) : null
    const { id, eventId, platform, needsSweepSince } = channel
    if (failure) {
      await this.leave(channel, failure)
      // A budget that is spent is no fault of the channel: it has its turn again in the next round.
      if (failure.kind === 'THROTTLED') return
      throw new NotRead(reasonOf(failure))
    }
    if (channel.importedAt) await this.putOff(channel)
    const over = { id, syncError: { startsWith: 'sweep:' } }
    await this.prisma.channel.updateMany({ where: over, data: { syncError: null } })
    if (needsSweepSince === null) return
    // A later outage has set a later instant: that one needs another sweep.
    await this.prisma.channel.updateMany({ where: { id, needsSweepSince }, data: { needsSweepSince: null } })
    this.logger.log({ eventId, platform }, 'sales since the outage are read')
  }

  /** What the clock had planned meanwhile would read it again, with the budget that its reopening needs. */
  private async putOff({ id, platform }: Channel): Promise<void> {
    const swept = scopeOf(platform) === sweepScope(platform as Platform)
    await (swept ? this.schedule.wasSwept(id, new Date()) : this.schedule.wasRead(id, new Date()))
  }

  /** Null: read to the end. Whatever goes wrong with one channel is its own failure. */
  private async read(channel: Channel): Promise<Failure | null> {
    try {
      return await this.pull(channel)
    } catch (error) {
      return { kind: 'UNAVAILABLE', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  private async pull(channel: Channel): Promise<Failure | null> {
    const lane = channel.needsSweepSince === null ? 'grow' : 'protect'
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const result = await this.pulls.pull(channel, scopeOf(channel.platform), { lane })
      if (result.kind === 'DONE') return null
      const failure = result.kind === 'FAILED' ? result.failure : busy()
      if (failure.kind !== 'THROTTLED' || failure.resumeAt.getTime() > deadline || this.ended.signal.aborted)
        return failure
      const waitMs = Math.max(1, failure.resumeAt.getTime() - Date.now())
      await sleep(waitMs, undefined, { signal: this.ended.signal }).catch(() => undefined)
    }
  }

  private async leave({ id, eventId, platform, needsSweepSince }: Channel, failure: Failure): Promise<void> {
    if (needsSweepSince === null || failure.kind === 'THROTTLED') return
    const what = reasonOf(failure)
    await this.prisma.channel.update({ where: { id }, data: { syncError: `sweep: ${failure.kind}: ${what}` } })
    await this.alerts.raise({
      kind: 'PLATFORM_UNREACHABLE',
      eventId,
      platform,
      about: 'outage sweep',
      detail: `${platform} does not tell its sales since the outage (${what}). It stays waitlist only until it does.`,
    })
  }
}

/**
 * Luma tells what changed of new guests only. On Meetup a full listing would cost several times as much and keep the
 * channel closed for so long; what its changes do not show, such as a member who is gone, the next sweep does.
 */
function scopeOf(platform: string): ListScope {
  return platform === 'LUMA' ? 'full' : 'changed'
}

function reasonOf(failure: Exclude<Failure, { kind: 'THROTTLED' }>): string {
  return 'message' in failure ? failure.message : failure.reason
}

/** A read that another process began may have begun too early. */
function busy(): Failure {
  return { kind: 'THROTTLED', resumeAt: new Date(Date.now() + BUSY_MS) }
}

import { Injectable, Logger } from '@nestjs/common'
import type { Platform } from '../../domain/channel.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { isRedisOutage } from '../../infrastructure/errors/redis-outage.js'
import { runEach } from '../../infrastructure/run-each.js'
import { FetchJobs } from '../route/fetch-jobs.js'
import { SweepSchedule, sweepScope } from './sweep-schedule.js'
import type { ChannelWithSweep } from './sweep-store.js'

const CHECK_INTERVAL_MS = 1_000
const ADVANCE_INTERVAL_MS = 2_000
/** Maximum time that scheduling one listing may delay the others. */
const SCHEDULE_TIMEOUT_MS = 2_000

/**
 * Enqueues scheduled reads: frequent polls of Meetup's listings, because Meetup sends no webhooks, and sweeps of all
 * listings, so that a lost webhook delays a change but does not lose it. One process at a time does so.
 */
@Injectable()
export class Poller {
  private readonly logger = new Logger(Poller.name)
  private lastAdvancedAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly locks: Locks,
    private readonly clock: Clock,
    private readonly schedule: SweepSchedule,
    private readonly fetchJobs: FetchJobs,
    private readonly timers: Timers,
  ) {}

  /** Does nothing while another process schedules. */
  @Periodic({ name: 'scheduling of reads', every: CHECK_INTERVAL_MS })
  async scheduleAlone(): Promise<void> {
    await this.locks.tryWith('poller', () => this.tick())
  }

  /**
   * Enqueues what is due; a request that Redis does not accept is repeated. The next sweep is scheduled at once; the next
   * poll only after the current one was made, so that it stays due, and is enqueued again, until then.
   */
  private async tick(): Promise<void> {
    const now = this.clock.now()
    if (now.getTime() - this.lastAdvancedAt >= ADVANCE_INTERVAL_MS) {
      this.lastAdvancedAt = now.getTime()
      await this.forEachChannel(await this.schedule.withFuturePoll(now), (channel) =>
        this.schedule.advancePoll(channel, now),
      )
    }
    await this.forEachChannel(await this.schedule.due(now), (channel) => this.enqueueDue(channel, now))
  }

  private forEachChannel(
    channels: readonly ChannelWithSweep[],
    work: (channel: ChannelWithSweep) => Promise<void>,
  ): Promise<void> {
    return runEach(channels, {
      concurrency: 1,
      deadlineMs: SCHEDULE_TIMEOUT_MS,
      timers: this.timers,
      work,
      onFailure: ({ id }, error) => {
        // An outage has an alert of its own.
        const level = isRedisOutage(error) ? 'debug' : 'warn'
        this.logger[level]({ err: error, channelId: id }, 'failed to schedule a read; will retry')
      },
    })
  }

  private async enqueueDue(channel: ChannelWithSweep, now: Date): Promise<void> {
    const { sweep } = channel
    const isSweepDue = sweep !== null && sweep.nextSweepAt <= now
    if (isSweepDue) await this.enqueueSweep(channel)
    if (sweep?.nextPollAt && sweep.nextPollAt <= now)
      await this.fetchJobs.enqueueScheduled(listingRef(channel), 'changed', 'grow')
    if (isSweepDue || sweep === null) await this.schedule.plan(channel, now, isSweepDue)
  }

  private async enqueueSweep(channel: ChannelWithSweep): Promise<void> {
    const listing = listingRef(channel)
    await this.fetchJobs.enqueueScheduled(listing, sweepScope(listing.platform), 'bulk')
  }
}

function listingRef({ id, platform }: ChannelWithSweep): { id: string; platform: Platform } {
  return { id, platform }
}

import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import { Clock } from '../infrastructure/clock.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { isRedisOutage } from '../infrastructure/redis/outage.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { runEach } from '../infrastructure/run-each.js'
import { ReadJobs } from './read-jobs.js'
import { SweepSchedule, sweepScope, type SweptChannel } from './sweep-schedule.js'

const LOOK_EVERY_MS = 1_000
const HASTEN_EVERY_MS = 2_000
/** So long one listing may keep the others waiting. */
const ASK_WITHIN_MS = 2_000

/**
 * Asks for reads by the clock: of Meetup's listings often, because Meetup sends nothing; of all listings now and then,
 * because a notice that was lost costs delay and not truth. One process at a time does so.
 */
@Injectable()
export class Poller implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Poller.name)
  private repeating: Repeating[] = []
  private hastenedAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly locks: AdvisoryLock,
    private readonly clock: Clock,
    private readonly schedule: SweepSchedule,
    private readonly reads: ReadJobs,
  ) {}

  start(): void {
    const skipped = (error: unknown) => this.logger.debug({ err: error }, 'a round of polls was skipped')
    this.repeating = [
      repeatEvery(LOOK_EVERY_MS, async () => void (await this.locks.tryWith('poller', () => this.round())), skipped),
    ]
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.repeating.map((each) => each.stop()))
  }

  /**
   * What is due is asked for; a request that Redis does not take is made again. A sweep is planned anew then; a poll when
   * it was made, so that it stays due, and is asked for again, until then.
   */
  private async round(): Promise<void> {
    const now = this.clock.now()
    if (now.getTime() - this.hastenedAt >= HASTEN_EVERY_MS) {
      this.hastenedAt = now.getTime()
      await this.each(await this.schedule.toHasten(now), (channel) => this.schedule.hasten(channel, now))
    }
    await this.each(await this.schedule.due(now), (channel) => this.askFor(channel, now))
  }

  private each(channels: readonly SweptChannel[], work: (channel: SweptChannel) => Promise<void>): Promise<void> {
    return runEach(channels, {
      concurrency: 1,
      deadlineMs: ASK_WITHIN_MS,
      work,
      onFailure: ({ id }, error) => {
        // An outage has an alert of its own.
        const level = isRedisOutage(error) ? 'debug' : 'warn'
        this.logger[level]({ err: error, channelId: id }, 'a read could not be planned or asked for')
      },
    })
  }

  private async askFor(channel: SweptChannel, now: Date): Promise<void> {
    const { sweep } = channel
    const sweeps = sweep !== null && sweep.nextSweepAt <= now
    if (sweeps) await this.sweep(channel)
    if (sweep?.nextPollAt && sweep.nextPollAt <= now) await this.reads.planned(of(channel), 'changed', 'grow')
    if (sweeps || sweep === null) await this.schedule.plan(channel, now, sweeps)
  }

  private async sweep(channel: SweptChannel): Promise<void> {
    const { id, platform } = of(channel)
    await this.reads.planned({ id, platform }, sweepScope(platform), 'bulk')
  }
}

function of({ id, platform }: SweptChannel): { id: string; platform: Platform } {
  return { id, platform: platform as Platform }
}

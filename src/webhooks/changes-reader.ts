import { Injectable } from '@nestjs/common'
import { ChannelPull } from '../channels/channel-pull.js'
import { READ_LAG_MS } from '../channels/recount.js'
import type { Lane, Platform } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import { Config } from '../infrastructure/config/config.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { RetryLaterError } from '../infrastructure/queues/workers.js'
import { Platforms } from '../platforms/platforms.js'
import type { Failure, ListScope } from '../platforms/port.js'
import { SweepSchedule } from './sweep-schedule.js'

/** Reads of one listing are at least this far apart, ms: many notices cost one read. */
const SPACING_MS: Record<Platform, number> = { EVENTBRITE: 2_000, LUMA: 1_000, MEETUP: 1_000 }
const BUSY_MS = 300
const SWEEP_MS = 2_000
/** A webhook may take this long after the change that it tells of, ms. */
const ON_ITS_WAY_MS = 30_000

/** Reads a listing's changes, once for all that asked before the read began. */
@Injectable()
export class ChangesReader {
  constructor(
    private readonly prisma: PrismaService,
    private readonly pulls: ChannelPull,
    private readonly platforms: Platforms,
    private readonly schedule: SweepSchedule,
    private readonly config: Config,
  ) {}

  /** Returns when a read that began after `askedAt` is done. Throws RetryLaterError or an error to be tried again. */
  async read(channel: Channel, scope: ListScope, lane: Lane, askedAt: Date): Promise<void> {
    const { lastPullAt, raisedAt, needsSweepSince } = await this.prisma.channel.findUniqueOrThrow({
      where: { id: channel.id },
    })
    if (scope === 'changed' && lastPullAt && lastPullAt > askedAt) return this.schedule.wasRead(channel.id, new Date())
    const spaced = (lastPullAt?.getTime() ?? 0) + SPACING_MS[channel.platform as Platform]
    const next = Math.max(spaced, raisedAt ? raisedAt.getTime() + READ_LAG_MS : 0)
    if (scope === 'changed' && next > Date.now()) throw new RetryLaterError(new Date(next), 'was read just now')
    // One reads a listing at a time, and after an outage the one that its reopening waits for comes first.
    if (needsSweepSince !== null)
      throw new RetryLaterError(new Date(Date.now() + SWEEP_MS), 'is read because of an outage')
    const startedAt = Date.now()
    const pulled = await this.pulls.pull(channel, scope, { lane })
    if (pulled.kind === 'BUSY') throw new RetryLaterError(new Date(Date.now() + BUSY_MS), 'is being read')
    if (pulled.kind === 'FAILED') retry(pulled.failure)
    if (lane === 'bulk') await this.noteUntold(channel, pulled.changed, startedAt)
    await this.schedule.wasRead(channel.id, new Date())
  }

  /** What a sweep found that had time enough to be told of by a webhook was lost on its way. */
  private async noteUntold(channel: Channel, changed: readonly (Date | null)[], startedAt: number): Promise<void> {
    const platform = channel.platform as Platform
    if (!this.platforms.get(platform).hasWebhooks) return
    const onItsWay = startedAt - Math.min(ON_ITS_WAY_MS, this.config.intervals.sweepSeconds * 1_000)
    const untold = changed.filter((at) => at === null || at.getTime() < onItsWay).length
    if (untold > 0) await this.schedule.foundUntold(channel.id, platform, untold)
  }
}

/** A throttled read waits without counting as a try; any other failure counts, and in the end the sweep is left to see. */
export function retry(failure: Failure): never {
  if (failure.kind === 'THROTTLED') throw new RetryLaterError(failure.resumeAt, 'throttled')
  throw new Error(`${failure.kind}: ${'message' in failure ? failure.message : failure.reason}`)
}

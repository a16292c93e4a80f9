import { setTimeout as sleep } from 'node:timers/promises'
import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { ChannelPull } from '../channels/channel-pull.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { Failure } from '../platforms/port.js'
import { inParallel } from './in-parallel.js'

const AT_ONCE = 6
/** How long one channel may keep the others waiting for the end of a sweep. */
const PATIENCE_MS = 15_000
const BUSY_MS = 200

/** Reads the sales that may have gone unseen, so that channels may open again. */
@Injectable()
export class OutageSweep {
  private readonly logger = new Logger('FailSafe')

  constructor(
    private readonly prisma: PrismaService,
    private readonly pulls: ChannelPull,
    private readonly alerts: AlertService,
  ) {}

  /**
   * Reads every channel that waits for it. One whose platform does not answer stays closed until a later sweep;
   * the others go on. Rejects when Redis or PostgreSQL does not answer.
   */
  async sweepWaiting(): Promise<void> {
    const channels = await this.prisma.channel.findMany({
      where: { needsSweepSince: { not: null }, event: { closedSince: null } },
    })
    await inParallel(channels, AT_ONCE, (channel) => this.sweep(channel))
  }

  /** Reads every channel, whether it waits for it or not: notices may have been lost with what Redis forgot. */
  async sweepAll(): Promise<void> {
    const channels = await this.prisma.channel.findMany({
      where: { adoptedAt: { not: null }, event: { closedSince: null } },
    })
    await inParallel(channels, AT_ONCE, (channel) => this.sweep(channel))
  }

  private async sweep(channel: Channel): Promise<void> {
    // What was never taken over is read whole when it is.
    const failure = channel.adoptedAt ? await this.pull(channel) : null
    const { id, eventId, platform, needsSweepSince } = channel
    if (failure) return this.leave(channel, failure)
    // A later outage has set a later instant: that one needs another sweep.
    await this.prisma.channel.updateMany({ where: { id, needsSweepSince }, data: { needsSweepSince: null } })
    this.logger.log({ eventId, platform }, 'sales since the outage are read')
  }

  /** Null: read to the end. */
  private async pull(channel: Channel): Promise<Failure | null> {
    // Eventbrite shows cancellations among its changes; on Luma and Meetup only a full listing does surely.
    const scope = channel.platform === 'EVENTBRITE' ? 'changed' : 'full'
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const result = await this.pulls.pull(channel, scope, { lane: 'protect' })
      if (result.kind === 'DONE') return null
      const failure = result.kind === 'FAILED' ? result.failure : busy()
      if (failure.kind !== 'THROTTLED' || failure.resumeAt.getTime() > deadline) return failure
      await sleep(Math.max(1, failure.resumeAt.getTime() - Date.now()))
    }
  }

  private async leave({ id, eventId, platform, needsSweepSince }: Channel, failure: Failure): Promise<void> {
    this.logger.warn({ eventId, platform, failure }, 'sales since the outage cannot be read')
    if (needsSweepSince === null || failure.kind === 'THROTTLED') return
    const what = 'message' in failure ? failure.message : failure.reason
    await this.prisma.channel.update({ where: { id }, data: { trouble: `sweep: ${failure.kind}: ${what}` } })
    await this.alerts.raise({
      kind: 'PLATFORM_UNREACHABLE',
      eventId,
      platform,
      about: 'outage sweep',
      detail: `${platform} does not tell its sales since the outage (${what}). It stays waitlist only until it does.`,
    })
  }
}

/** A read that another process began may have begun too early. */
function busy(): Failure {
  return { kind: 'THROTTLED', resumeAt: new Date(Date.now() + BUSY_MS) }
}

import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import type { Platform } from '../domain/channel.js'
import { staleAfterMs } from '../domain/sweep-pace.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { SWEPT, SweepSchedule, type SweptChannel } from './sweep-schedule.js'

/** Notices listings of which nothing was confirmed for too long, and says so once. */
@Injectable()
export class Staleness {
  private readonly logger = new Logger(Staleness.name)

  constructor(
    private readonly prisma: PrismaService,
    private readonly schedule: SweepSchedule,
    private readonly alerts: AlertService,
  ) {}

  async check(now: Date): Promise<void> {
    const channels = await this.prisma.channel.findMany({
      where: { adoptedAt: { not: null }, event: { closedSince: null }, sweep: { isNot: null } },
      include: SWEPT,
    })
    for (const channel of channels) await this.look(channel, now)
  }

  private async look(channel: SweptChannel, now: Date): Promise<void> {
    const pauseMs = (await this.schedule.pollMs(channel)) ?? channel.sweep?.pauseMs ?? 0
    const since = unconfirmedSince(channel)
    const ageMs = since === null ? 0 : now.getTime() - since.getTime()
    const stale = ageMs > staleAfterMs(pauseMs)
    if (stale === (channel.sweep?.staleSince !== null)) return
    const data = { staleSince: stale ? now : null }
    const where = { channelId: channel.id, staleSince: stale ? null : { not: null } }
    const { count } = await this.prisma.channelSweep.updateMany({ where, data })
    if (count === 0) return
    if (stale) await this.tell(channel, ageMs)
    else this.logger.log({ eventId: channel.eventId, platform: channel.platform }, 'listing is read again')
  }

  private async tell(channel: SweptChannel, ageMs: number): Promise<void> {
    const platform = channel.platform as Platform
    const { name } = channel.event
    const age = ageMs < 120_000 ? `${Math.round(ageMs / 1_000)} s` : `${Math.round(ageMs / 60_000)} min`
    const what = channel.unsettledSince
      ? 'a cap written there has not been confirmed'
      : 'sales and cancellations there have not been read'
    const why = channel.trouble === null ? '' : ` Known trouble: ${channel.trouble}.`
    const detail = `${name}: ${what} on ${platform} for ${age}. Look at that platform's state and credentials; its cap keeps the event from being oversold.${why}`
    await this.alerts.raise({ kind: 'SYNC_STALE', eventId: channel.eventId, platform, detail })
  }
}

/** The older of the last reading and a write that is still unconfirmed. */
function unconfirmedSince({ lastPullAt, adoptedAt, unsettledSince }: SweptChannel): Date | null {
  const instants = [lastPullAt ?? adoptedAt, unsettledSince].filter((instant) => instant !== null)
  return instants.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null
}

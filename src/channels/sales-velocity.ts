import { Injectable } from '@nestjs/common'
import type { ChannelName } from '../domain/channel.js'
import { emptySum, withHours, type DecayingSum } from '../domain/decaying-sum.js'
import { perHour, type SalesRecord } from '../domain/velocity.js'
import type { Channel, Event, OnSaleSpan } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Platforms } from '../platforms/platforms.js'
import { OnSaleSpans } from './on-sale-spans.js'
import { SalesHistory } from './sales-history.js'

/** A channel's sales as they are known; instants in ms. */
export interface KnownSales extends SalesRecord {
  /** Since when it has had something to sell; null: it has not. */
  openedAt: number | null
  /** Up to when its sales are known; null: it was never read. */
  readAt: number | null
}

type EventWithChannels = Pick<Event, 'id' | 'directWeight'> & { channels: Channel[] }

/** How fast each channel of an event sells, from stored facts alone: the same in every process and after a restart. */
@Injectable()
export class SalesVelocity {
  constructor(
    private readonly prisma: PrismaService,
    private readonly history: SalesHistory,
    private readonly spans: OnSaleSpans,
    private readonly platforms: Platforms,
    private readonly clock: Clock,
  ) {}

  /** Tickets per hour by channel, for those that ever sold. */
  async perHour(eventId: string): Promise<Map<string, number>> {
    const event = await this.prisma.event.findUnique({ where: { id: eventId }, include: { channels: true } })
    if (!event) return new Map()
    const now = this.clock.now().getTime()
    const sold = await this.history.of(eventId)
    const known = [...(await this.known(event))].filter(([channel]) => sold.has(channel))
    return new Map(known.map(([channel, record]) => [channel, Math.round(perHour(record, now) * 10) / 10]))
  }

  /** Of the imported channels, and of the direct one where it has a share. */
  async known(event: EventWithChannels): Promise<Map<ChannelName, KnownSales>> {
    const now = this.clock.now().getTime()
    const [sales, spans, heard] = [
      await this.history.of(event.id),
      await this.spans.of(event.id),
      await this.lastDeliveries(),
    ]
    const record = (channel: ChannelName, weight: number, readAt: number | null): [ChannelName, KnownSales] => {
      const own = spans.filter((span) => span.channel === channel)
      const openedAt = own.find(({ closedAt }) => closedAt === null)?.openedAt.getTime() ?? null
      const sold = sales.get(channel)?.tickets ?? emptySum(now)
      return [channel, { sold, hours: readHours(own, readAt, now), weight, openedAt, readAt }]
    }
    const adopted = event.channels.filter(({ importedAt }) => importedAt)
    const listings = adopted.map((channel) => record(channel.platform, channel.weight, readUntil(channel, heard)))
    const direct = event.directWeight > 0 ? [record('DIRECT', event.directWeight, now)] : []
    return new Map([...listings, ...direct])
  }

  /** When each platform that sends deliveries last sent one, of whichever listing: until then silence meant no sale. */
  private async lastDeliveries(): Promise<ReadonlyMap<ChannelName, Date | null>> {
    const sending = this.platforms.all().filter(({ hasWebhooks }) => hasWebhooks)
    const rows = await this.prisma.channel.groupBy({
      by: ['platform'],
      where: { platform: { in: sending.map(({ platform }) => platform) } },
      _max: { lastWebhookAt: true },
    })
    return new Map(rows.map(({ platform, _max }) => [platform, _max.lastWebhookAt]))
  }
}

/**
 * Up to when every sale there is known, ms: the beginning of the last complete read, or the platform's last delivery.
 * Polled platforms are silent whatever is sold, and all are while deliveries are lost: such time is unread, not dead.
 */
function readUntil(channel: Channel, heard: ReadonlyMap<ChannelName, Date | null>): number | null {
  const instants = [channel.lastPullAt, heard.get(channel.platform) ?? null]
  const known = instants.filter((instant) => instant !== null)
  return known.length === 0 ? null : Math.max(...known.map((instant) => instant.getTime()))
}

function readHours(spans: readonly OnSaleSpan[], readAt: number | null, now: number): DecayingSum {
  const end = Math.min(readAt ?? 0, now)
  return spans.reduce((hours, { openedAt, closedAt }) => {
    return withHours(hours, { from: openedAt.getTime(), until: Math.min(closedAt?.getTime() ?? end, end) })
  }, emptySum(now))
}

import { Injectable } from '@nestjs/common'
import { DIRECT } from '../domain/channel.js'
import { emptySum, withHours, type DecayingSum } from '../domain/rebalancing/decaying-sum.js'
import { perHour, type SalesRecord } from '../domain/rebalancing/velocity.js'
import type { Channel } from '../domain/channel-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { EventStore, type EventWithChannels } from '../stock/event-store.js'
import { Platforms } from '../platforms/platforms.js'
import { ChannelStore } from '../channels/channel-store.js'
import type { OnSaleSpan } from './on-sale-span-store.js'
import { OnSaleSpans } from './on-sale-spans.js'
import { SalesHistory, type ChannelSales } from './sales-history.js'

/** A channel's known sales; instants in ms. */
export interface KnownSales extends SalesRecord {
  /** Since when it has had tickets to sell; null: it has none. */
  openedAt: number | null
  /** Up to when its sales are known; null: it was never read. */
  readAt: number | null
}

/** Sales velocity per channel of an event, from stored data only: the same in every process and after a restart. */
@Injectable()
export class SalesVelocity {
  constructor(
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly history: SalesHistory,
    private readonly spans: OnSaleSpans,
    private readonly platforms: Platforms,
    private readonly clock: Clock,
  ) {}

  /** Tickets per hour by channel id, for channels with sales. Throws EventUnknown. */
  async perHour(eventId: string): Promise<Map<string, number>> {
    return this.perHourOf(await this.events.withChannels(null, eventId))
  }

  /** The same for an event that was read just now. */
  async perHourOf(event: Pick<EventWithChannels, 'id' | 'directWeight' | 'channels'>): Promise<Map<string, number>> {
    const now = this.clock.now().getTime()
    const sold = await this.history.of(event.id)
    if (sold.size === 0) return new Map()
    const known = [...(await this.knownFrom(sold, event))].filter(([channel]) => sold.has(channel))
    return new Map(known.map(([channel, record]) => [channel, Math.round(perHour(record, now) * 10) / 10]))
  }

  /** By channel id, of the imported channels and of the direct channel where it has a share. */
  async known(event: Pick<EventWithChannels, 'id' | 'directWeight' | 'channels'>): Promise<Map<string, KnownSales>> {
    return this.knownFrom(await this.history.of(event.id), event)
  }

  private async knownFrom(
    sales: ReadonlyMap<string, ChannelSales>,
    event: Pick<EventWithChannels, 'id' | 'directWeight' | 'channels'>,
  ): Promise<Map<string, KnownSales>> {
    const now = this.clock.now().getTime()
    const [spans, lastDeliveries] = [await this.spans.of(event.id), await this.lastDeliveries()]
    const record = (id: string, weight: number, readAt: number | null): [string, KnownSales] => {
      const own = spans.filter(({ channelId }) => channelId === id)
      const openedAt = own.find(({ closedAt }) => closedAt === null)?.openedAt.getTime() ?? null
      const sold = sales.get(id)?.tickets ?? emptySum(now)
      return [id, { sold, hours: readHours(own, readAt, now), weight, openedAt, readAt }]
    }
    const imported = event.channels.filter(({ importedAt }) => importedAt)
    const listings = imported.map((channel) => record(channel.id, channel.weight, knownUntil(channel, lastDeliveries)))
    const direct = event.directWeight > 0 ? [record(DIRECT.id, event.directWeight, now)] : []
    return new Map([...listings, ...direct])
  }

  /** When each connection with webhooks last got a delivery, for any listing: without one until then, nothing was sold. */
  private async lastDeliveries(): Promise<ReadonlyMap<string, Date | null>> {
    const withWebhooks = this.platforms.all().filter(({ adapter }) => adapter.hasWebhooks)
    return this.channels.lastDeliveries(
      withWebhooks.map(({ id }) => id),
      this.clock.now(),
    )
  }
}

/**
 * Until when every sale of a channel is known, ms: the start of the last complete read, or the connection's last delivery.
 * Polled platforms send no deliveries, and deliveries may be lost: time after that is unread, not time without sales.
 */
function knownUntil(channel: Channel, lastDeliveries: ReadonlyMap<string, Date | null>): number | null {
  const instants = [channel.lastPullAt, lastDeliveries.get(channel.connectionId) ?? null]
  const known = instants.filter((instant) => instant !== null)
  return known.length === 0 ? null : Math.max(...known.map((instant) => instant.getTime()))
}

function readHours(spans: readonly OnSaleSpan[], readAt: number | null, now: number): DecayingSum {
  const end = Math.min(readAt ?? 0, now)
  return spans.reduce((hours, { openedAt, closedAt }) => {
    return withHours(hours, { from: openedAt.getTime(), until: Math.min(closedAt?.getTime() ?? end, end) })
  }, emptySum(now))
}

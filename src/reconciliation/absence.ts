import { Injectable } from '@nestjs/common'
import { listingOf } from '../channels/channel-import.js'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { Platforms } from '../platforms/platforms.js'
import type { ChannelReading } from '../platforms/port.js'
import { ListingReader } from './listing-reader.js'
import { isMany, MAX_QUERIED, ONE_BY_ONE } from './absence-rule.js'
import { patiently, reasonOf } from './retry-while-throttled.js'
import { StagedOrders, type AbsentOrder } from './staged-orders.js'
import { pause } from './run-deadline.js'

/** `DOUBT`: the second look does not agree with the first, so the listing proves nothing. */
export type Absence = { kind: 'AGREED'; gone: AbsentOrder[] } | { kind: 'DOUBT'; why: string }

/** Between the first and the second look, ms: what platforms show may lag behind by seconds. */
const APART_MS = 2_500
/** Luma counts its guests by listing them: what is missing in the list is missing in the count. */
const COUNTS_ITSELF: ReadonlySet<Platform> = new Set(['EVENTBRITE', 'MEETUP'])
/** Meetup has no query for one RSVP: not finding it among the newest would prove nothing. */
const SHOWS_SINGLE_ORDERS: ReadonlySet<Platform> = new Set(['EVENTBRITE', 'LUMA'])

/**
 * The second look at orders that a complete listing left out. Absence is not zero: a list proves nothing unless the
 * platform, by the same credentials, still shows the event. Few orders are gone once two readings, some time apart,
 * agree. Many at once are gone only by the platform's own count of sales, or one by one by its own word.
 */
@Injectable()
export class AbsenceCheck {
  constructor(
    private readonly platforms: Platforms,
    private readonly reader: ListingReader,
    private readonly staged: StagedOrders,
  ) {}

  /**
   * `whole`: every row of the listing could be read; else only what is asked for one by one may be gone. May stage what
   * it reads under `listing`. @throws Stopped
   */
  async confirm(
    channel: Channel,
    listing: string,
    absent: readonly AbsentOrder[],
    { whole, signal }: { whole: boolean; signal: AbortSignal },
  ): Promise<Absence> {
    await pause(APART_MS, signal)
    const platform = channel.platform as Platform
    const many = isMany(absent.length, await this.staged.recorded(channel))
    const single = SHOWS_SINGLE_ORDERS.has(platform)
    // By their count, or all by the platform's own word.
    const each = single && ((many && !COUNTS_ITSELF.has(platform)) || !whole)
    const most = each ? MAX_QUERIED : ONE_BY_ONE
    if ((each || !whole) && (!single || absent.length > most)) {
      return { kind: 'DOUBT', why: `${absent.length} recorded orders are not in the list, more than can be asked for` }
    }
    const asked = single ? absent.slice(0, most) : []
    const first = await this.oneByOne(channel, listing, asked, many && each, signal)
    if (first.kind === 'DOUBT') return first
    const second = asked.length === absent.length ? first : await this.again(channel, listing, absent, signal)
    return second.kind === 'DOUBT' ? second : ((await this.notAsItWas(channel, listing, signal)) ?? second)
  }

  /** Asked last: whatever was read before was read by credentials that see the event. Null: all is as it was. */
  private async notAsItWas(channel: Channel, listing: string, signal: AbortSignal): Promise<Absence | null> {
    const adapter = this.platforms.get(channel.platform as Platform)
    const read = await patiently(() => adapter.readChannel(listingOf(channel), { lane: 'bulk' }), signal)
    if (read.kind !== 'OK') return { kind: 'DOUBT', why: `the event itself could not be read: ${reasonOf(read)}` }
    if (read.value.listingState === 'CANCELLED') return { kind: 'DOUBT', why: 'the event itself is cancelled there' }
    return this.stillCounted(channel, listing, read.value)
  }

  /** A list that is empty by mistake is so at the second look as well: the platform's own count must explain it. */
  private async stillCounted(channel: Channel, listing: string, reading: ChannelReading): Promise<Absence | null> {
    const { platform } = channel
    if (!COUNTS_ITSELF.has(platform as Platform)) return null
    if (reading.sold === null) return { kind: 'DOUBT', why: `${platform} does not say how many it has sold` }
    const { live } = await this.staged.count(listing, channel.externalTicketClassId)
    const { sold } = reading
    return sold > live ? { kind: 'DOUBT', why: `${platform} still counts ${sold} sold and shows ${live}` } : null
  }

  /** `byWord`: an order that the platform does not know is no proof; it must show it as cancelled. */
  private async oneByOne(
    channel: Channel,
    listing: string,
    absent: readonly AbsentOrder[],
    byWord: boolean,
    signal: AbortSignal,
  ): Promise<Absence> {
    const adapter = this.platforms.get(channel.platform as Platform)
    const gone: AbsentOrder[] = []
    for (const order of absent) {
      const ask = () => adapter.getOrder(listingOf(channel), order.orderId, { lane: 'bulk' })
      const read = await patiently(ask, signal)
      if (read.kind !== 'OK') return { kind: 'DOUBT', why: `order ${order.orderId}: ${reasonOf(read)}` }
      if (read.value === null && byWord) return { kind: 'DOUBT', why: unknown(absent.length, order) }
      if (read.value === null) gone.push(order)
      else if (showsLive(read.value, order)) return { kind: 'DOUBT', why: leftOut(order) }
      else await this.staged.add(listing, [read.value])
    }
    return { kind: 'AGREED', gone }
  }

  private async again(
    channel: Channel,
    listing: string,
    absent: readonly AbsentOrder[],
    signal: AbortSignal,
  ): Promise<Absence> {
    const second = `${listing}:again`
    try {
      const read = await this.reader.read(channel, second, signal)
      if (read.kind !== 'WHOLE') return { kind: 'DOUBT', why: `at the second reading ${read.why}` }
      if (read.unreadable.length > 0) return { kind: 'DOUBT', why: 'at the second reading some rows were unreadable' }
      const still = await this.staged.absent(second, channel, read.startedAt, absent.length + 1)
      const ids = new Set(still.map(({ orderId }) => orderId))
      const back = absent.find(({ orderId }) => !ids.has(orderId))
      return back ? { kind: 'DOUBT', why: leftOut(back) } : { kind: 'AGREED', gone: [...absent] }
    } finally {
      await this.staged.clear(second)
    }
  }
}

function showsLive(snapshot: OrderSnapshot, { ticketIds }: AbsentOrder): boolean {
  return snapshot.tickets.some(({ ticketId, live }) => live && ticketIds.includes(ticketId))
}

function leftOut({ orderId }: AbsentOrder): string {
  return `the list left out order ${orderId}, which is there`
}

function unknown(count: number, { orderId }: AbsentOrder): string {
  return `${count} orders are missing at once, and the platform does not say what became of order ${orderId}`
}

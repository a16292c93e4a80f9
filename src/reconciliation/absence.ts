import { Injectable } from '@nestjs/common'
import { listingOf } from '../channels/adoption.js'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { Platforms } from '../platforms/platforms.js'
import { ListingReader } from './listing-reader.js'
import { patiently, reasonOf } from './patience.js'
import { StagedOrders, type AbsentOrder } from './staged-orders.js'
import { pause } from './stop.js'

/** `DOUBT`: the second look does not agree with the first, so the listing proves nothing. */
export type Absence = { kind: 'AGREED'; gone: AbsentOrder[] } | { kind: 'DOUBT'; why: string }

/** Between the first and the second look, ms: what platforms show may lag behind by seconds. */
const APART_MS = 2_500
/** So many orders are looked at one by one; for more than those the whole listing is read again. */
const ONE_BY_ONE = 20

/**
 * The second look at orders that a complete listing left out. Absence is not zero: only what two readings, some time
 * apart, agree on counts as cancelled.
 */
@Injectable()
export class AbsenceCheck {
  constructor(
    private readonly platforms: Platforms,
    private readonly reader: ListingReader,
    private readonly staged: StagedOrders,
  ) {}

  /** May stage what it reads under `listing`. @throws Stopped */
  async confirm(
    channel: Channel,
    listing: string,
    absent: readonly AbsentOrder[],
    signal: AbortSignal,
  ): Promise<Absence> {
    await pause(APART_MS, signal)
    // Meetup has no query for one RSVP: not finding it among the newest would prove nothing.
    const asked = channel.platform === 'MEETUP' ? [] : absent.slice(0, ONE_BY_ONE)
    const single = await this.oneByOne(channel, listing, asked, signal)
    if (single.kind === 'DOUBT') return single
    const second = asked.length === absent.length ? single : await this.again(channel, listing, absent, signal)
    return second.kind === 'DOUBT' ? second : ((await this.stillCounted(channel, listing, signal)) ?? second)
  }

  /** A list that is empty by mistake is so at the second look as well: the platform's own count must explain it. */
  private async stillCounted(channel: Channel, listing: string, signal: AbortSignal): Promise<Absence | null> {
    const platform = channel.platform as Platform
    // Luma counts nothing by itself.
    if (platform === 'LUMA') return null
    const adapter = this.platforms.get(platform)
    const read = await patiently(() => adapter.readChannel(listingOf(channel), { lane: 'bulk' }), signal)
    if (read.kind !== 'OK') return { kind: 'DOUBT', why: `its count of sales could not be read: ${reasonOf(read)}` }
    const { live } = await this.staged.count(listing, channel.externalTicketClassId)
    const sold = read.value.sold ?? 0
    return sold > live ? { kind: 'DOUBT', why: `${platform} still counts ${sold} sold and shows ${live}` } : null
  }

  private async oneByOne(
    channel: Channel,
    listing: string,
    absent: readonly AbsentOrder[],
    signal: AbortSignal,
  ): Promise<Absence> {
    const adapter = this.platforms.get(channel.platform as Platform)
    const gone: AbsentOrder[] = []
    for (const order of absent) {
      const ask = () => adapter.getOrder(listingOf(channel), order.orderId, { lane: 'bulk' })
      const read = await patiently(ask, signal)
      if (read.kind !== 'OK') return { kind: 'DOUBT', why: `order ${order.orderId}: ${reasonOf(read)}` }
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

import { Injectable } from '@nestjs/common'
import { listingOf } from '../../channels/channel-import.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { traitsOf } from '../../platforms/registry.js'
import { Platforms } from '../../platforms/platforms.js'
import type { ChannelReading } from '../../platforms/port.js'
import { ListingReader } from './listing-reader.js'
import { isMassAbsence, MAX_QUERIED, MAX_CHECKED_INDIVIDUALLY } from './absence-rule.js'
import { BULK_READ, retryWhileThrottled, describeReadFailure } from '../run/retry-while-throttled.js'
import { StagedOrders, type AbsentOrder } from './staged-orders.js'
import { pause } from '../run/run-deadline.js'

/** `AGREED`: the orders were removed. `DOUBT`: the second reading contradicts the first, so the listing proves nothing. */
export type Absence = { kind: 'AGREED'; removed: AbsentOrder[] } | { kind: 'DOUBT'; reason: string }

/** Delay between the first and the second reading, ms: platforms may show changes seconds late. */
export const SECOND_READING_DELAY_MS = 2_500

/**
 * Verifies orders that a complete listing omits. Absence is not zero: a list proves nothing unless the platform still shows
 * the event to the same credentials. A few orders count as removed once two readings, some time apart, agree. Many at once
 * count as removed only if the platform's own count of sales confirms it, or if it shows each of them as cancelled.
 */
@Injectable()
export class AbsenceCheck {
  constructor(
    private readonly platforms: Platforms,
    private readonly reader: ListingReader,
    private readonly staged: StagedOrders,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /**
   * `whole`: every row of the listing could be read; otherwise only orders that were queried individually can be removed.
   * May stage what it reads under `listing`. @throws RunStopped
   */
  async confirm(
    channel: Channel,
    listing: string,
    absent: readonly AbsentOrder[],
    { whole, signal }: { whole: boolean; signal: AbortSignal },
  ): Promise<Absence> {
    await pause(SECOND_READING_DELAY_MS, signal, this.timers)
    const { platform } = channel
    const isMass = isMassAbsence(absent.length, await this.staged.countRecorded(channel))
    const { canQueryOrder, countIsIndependent } = traitsOf(platform)
    // Otherwise the platform's count decides.
    const individually = canQueryOrder && ((isMass && !countIsIndependent) || !whole)
    const limit = individually ? MAX_QUERIED : MAX_CHECKED_INDIVIDUALLY
    if ((individually || !whole) && (!canQueryOrder || absent.length > limit)) {
      return {
        kind: 'DOUBT',
        reason: `${absent.length} recorded orders are not in the list, more than can be queried individually`,
      }
    }
    const queried = canQueryOrder ? absent.slice(0, limit) : []
    const first = await this.checkIndividually(channel, listing, queried, isMass && individually, signal)
    if (first.kind === 'DOUBT') return first
    const second = queried.length === absent.length ? first : await this.readAgain(channel, listing, absent, signal)
    return second.kind === 'DOUBT' ? second : ((await this.findEventDoubt(channel, listing, signal)) ?? second)
  }

  /** Checked last, so that everything before was read with credentials that see the event. Null: no doubt. */
  private async findEventDoubt(channel: Channel, listing: string, signal: AbortSignal): Promise<Absence | null> {
    const adapter = this.platforms.of(channel)
    const query = () => adapter.readChannel(listingOf(channel), BULK_READ)
    const read = await retryWhileThrottled(query, signal, this.clock, this.timers)
    if (read.kind !== 'OK')
      return { kind: 'DOUBT', reason: `the event itself could not be read: ${describeReadFailure(read)}` }
    if (read.value.listingState === 'CANCELLED')
      return { kind: 'DOUBT', reason: 'the platform shows the event itself as cancelled' }
    return this.findCountDoubt(channel, listing, read.value)
  }

  /** A list that is wrongly empty may be so at the second reading too: the platform's own count must agree with it. */
  private async findCountDoubt(channel: Channel, listing: string, reading: ChannelReading): Promise<Absence | null> {
    const { platform } = channel
    if (!traitsOf(platform).countIsIndependent) return null
    if (reading.sold === null)
      return { kind: 'DOUBT', reason: `${platform} does not report how many tickets it has sold` }
    const { live } = await this.staged.countTickets(listing, channel.externalTicketClassId)
    const { sold } = reading
    return sold > live
      ? { kind: 'DOUBT', reason: `${platform} still counts ${sold} sold tickets and shows ${live}` }
      : null
  }

  /** `mustShowCancelled`: an order that the platform does not know proves nothing; it must be shown as cancelled. */
  private async checkIndividually(
    channel: Channel,
    listing: string,
    absent: readonly AbsentOrder[],
    mustShowCancelled: boolean,
    signal: AbortSignal,
  ): Promise<Absence> {
    const adapter = this.platforms.of(channel)
    const removed: AbsentOrder[] = []
    for (const order of absent) {
      const query = () => adapter.getOrder(listingOf(channel), order.orderId, BULK_READ)
      const read = await retryWhileThrottled(query, signal, this.clock, this.timers)
      if (read.kind !== 'OK') return { kind: 'DOUBT', reason: `order ${order.orderId}: ${describeReadFailure(read)}` }
      if (read.value === null && mustShowCancelled) return { kind: 'DOUBT', reason: unknownOrder(absent.length, order) }
      if (read.value === null) removed.push(order)
      else if (showsLive(read.value, order)) return { kind: 'DOUBT', reason: omittedOrder(order) }
      else await this.staged.add(listing, [read.value])
    }
    return { kind: 'AGREED', removed }
  }

  private async readAgain(
    channel: Channel,
    listing: string,
    absent: readonly AbsentOrder[],
    signal: AbortSignal,
  ): Promise<Absence> {
    const second = `${listing}:again`
    try {
      const read = await this.reader.read(channel, second, signal)
      if (read.kind !== 'WHOLE') return { kind: 'DOUBT', reason: `second reading: ${read.reason}` }
      if (read.unreadable.length > 0) return { kind: 'DOUBT', reason: 'second reading: some rows were unreadable' }
      const stillAbsent = await this.staged.findAbsent(second, channel, read.startedAt, absent.length + 1)
      const ids = new Set(stillAbsent.map(({ orderId }) => orderId))
      const reappeared = absent.find(({ orderId }) => !ids.has(orderId))
      return reappeared ? { kind: 'DOUBT', reason: omittedOrder(reappeared) } : { kind: 'AGREED', removed: [...absent] }
    } finally {
      await this.staged.clear(second)
    }
  }
}

function showsLive(snapshot: OrderSnapshot, { ticketIds }: AbsentOrder): boolean {
  return snapshot.tickets.some(({ ticketId, live }) => live && ticketIds.includes(ticketId))
}

function omittedOrder({ orderId }: AbsentOrder): string {
  return `the list omitted order ${orderId}, which still exists`
}

function unknownOrder(count: number, { orderId }: AbsentOrder): string {
  return `${count} orders are missing at once, and the platform does not show the state of order ${orderId}`
}

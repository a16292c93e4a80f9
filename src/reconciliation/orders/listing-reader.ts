import { Injectable } from '@nestjs/common'
import { listingOf } from '../../channels/channel-import.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { unstorableReason } from '../../orders/observed-order.js'
import { ListingProgress } from '../../platforms/listing-progress.js'
import { traitsOf } from '../../platforms/registry.js'
import { Platforms } from '../../platforms/platforms.js'
import type { Cursor, OrderPage, Outcome, UnreadableRow } from '../../platforms/port.js'
import { BULK_READ, retryWhileThrottled, describeReadFailure } from '../run/retry-while-throttled.js'
import { StagedOrders } from './staged-orders.js'

/**
 * Whether a listing was read in full. `FEWER`: it was read to its end, but the platform counts `missing` more tickets than
 * it shows. An order's absence from such a listing, or from one read `IN_PART`, proves nothing, and the `unreadable` rows
 * may belong to any order.
 */
export type ListingRead = { unreadable: UnreadableRow[] } & (
  | { kind: 'WHOLE'; startedAt: Date }
  | { kind: 'FEWER'; startedAt: Date; missing: number; reason: string }
  | { kind: 'IN_PART'; reason: string }
)

/** Reads all orders of a listing into the staging table, page by page, and reports whether the listing is complete. */
@Injectable()
export class ListingReader {
  constructor(
    private readonly platforms: Platforms,
    private readonly staged: StagedOrders,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** The number of pages and the time per page are bounded. @throws RunStopped */
  async read(channel: Channel, listing: string, signal: AbortSignal): Promise<ListingRead> {
    const adapter = this.platforms.of(channel)
    const startedAt = this.clock.now()
    const progress = new ListingProgress()
    const unreadable: UnreadableRow[] = []
    await this.staged.clear(listing)
    let cursor: Cursor | null = null
    for (let pages = 1; ; pages++) {
      const from: Cursor | null = cursor
      const fetchPage = (): Promise<Outcome<OrderPage>> =>
        adapter.listOrders(listingOf(channel), 'full', from, BULK_READ)
      const page: Outcome<OrderPage> = await retryWhileThrottled(fetchPage, signal, this.clock, this.timers)
      if (page.kind !== 'OK') {
        return { kind: 'IN_PART', unreadable, reason: `page ${pages} could not be read: ${describeReadFailure(page)}` }
      }
      const { snapshots, nextCursor, done, platformCount } = page.value
      const { storable, rejected } = partition(snapshots)
      unreadable.push(...(page.value.unreadable ?? []), ...rejected)
      await this.staged.add(listing, storable)
      cursor = nextCursor
      if (done) return { unreadable, ...(await this.assess(channel, listing, platformCount, startedAt)) }
      const reason = progress.stallReason(snapshots, from, nextCursor)
      if (reason !== null) return { kind: 'IN_PART', unreadable, reason }
    }
  }

  private async assess({ platform }: Channel, listing: string, platformCount: number | null, startedAt: Date) {
    if (platformCount === null) return { kind: 'WHOLE', startedAt } as const
    const { all, live } = await this.staged.countTickets(listing)
    const shown = traitsOf(platform).countIncludesCancelled ? all : live
    const missing = platformCount - shown
    if (missing <= 0) return { kind: 'WHOLE', startedAt } as const
    return {
      kind: 'FEWER',
      startedAt,
      missing,
      reason: `${platform} counts ${platformCount} tickets and shows ${shown}`,
    } as const
  }
}

function partition(snapshots: readonly OrderSnapshot[]): { storable: OrderSnapshot[]; rejected: UnreadableRow[] } {
  const storable: OrderSnapshot[] = []
  const rejected: UnreadableRow[] = []
  for (const snapshot of snapshots) {
    const reason = unstorableReason(snapshot)
    if (reason === null) storable.push(snapshot)
    else rejected.push({ orderId: snapshot.orderId, reason })
  }
  return { storable, rejected }
}

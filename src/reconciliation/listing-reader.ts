import { Injectable } from '@nestjs/common'
import { listingOf } from '../channels/channel-import.js'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { unstorableReason } from '../inventory/order-fact.js'
import { ListingProgress } from '../platforms/listing-progress.js'
import { Platforms } from '../platforms/platforms.js'
import type { CallContext, Cursor, OrderPage, Outcome, UnreadableRow } from '../platforms/port.js'
import { patiently, reasonOf } from './retry-while-throttled.js'
import { StagedOrders } from './staged-orders.js'

/**
 * Whether all of a listing was read. `FEWER`: to its end, and the platform counts `missing` more tickets than it shows.
 * Of what such a listing, or one that was read in part, does not show nothing may be concluded; nor of what may be
 * among its `unreadable` rows.
 */
export type ListingRead = { unreadable: UnreadableRow[] } & (
  | { kind: 'WHOLE'; startedAt: Date }
  | { kind: 'FEWER'; startedAt: Date; missing: number; why: string }
  | { kind: 'IN_PART'; why: string }
)

const BULK: CallContext = { lane: 'bulk' }

/** Reads all orders of a listing into the staging area, page by page, and says whether that is all there is. */
@Injectable()
export class ListingReader {
  constructor(
    private readonly platforms: Platforms,
    private readonly staged: StagedOrders,
  ) {}

  /** Ends within a bound of pages, each within a bound of time. @throws Stopped */
  async read(channel: Channel, listing: string, signal: AbortSignal): Promise<ListingRead> {
    const adapter = this.platforms.get(channel.platform as Platform)
    const startedAt = new Date()
    const progress = new ListingProgress()
    const unreadable: UnreadableRow[] = []
    await this.staged.clear(listing)
    let cursor: Cursor | null = null
    for (let pages = 1; ; pages++) {
      const from: Cursor | null = cursor
      const ask = (): Promise<Outcome<OrderPage>> => adapter.listOrders(listingOf(channel), 'full', from, BULK)
      const page: Outcome<OrderPage> = await patiently(ask, signal)
      if (page.kind !== 'OK') {
        return { kind: 'IN_PART', unreadable, why: `page ${pages} could not be read: ${reasonOf(page)}` }
      }
      const { snapshots, nextCursor, done, platformCount } = page.value
      const { storable, refused } = sorted(snapshots)
      unreadable.push(...(page.value.unreadable ?? []), ...refused)
      await this.staged.add(listing, storable)
      cursor = nextCursor
      if (done) return { unreadable, ...(await this.judge(channel, listing, platformCount, startedAt)) }
      const why = progress.after(snapshots, from, nextCursor)
      if (why !== null) return { kind: 'IN_PART', unreadable, why }
    }
  }

  private async judge({ platform }: Channel, listing: string, platformCount: number | null, startedAt: Date) {
    if (platformCount === null) return { kind: 'WHOLE', startedAt } as const
    const { all, live } = await this.staged.count(listing)
    // Eventbrite counts cancelled tickets too. Meetup's count vouches for live ones; hidden members are in it.
    const shown = platform === 'EVENTBRITE' ? all : live
    const missing = platformCount - shown
    if (missing <= 0) return { kind: 'WHOLE', startedAt } as const
    return {
      kind: 'FEWER',
      startedAt,
      missing,
      why: `${platform} counts ${platformCount} tickets and shows ${shown}`,
    } as const
  }
}

function sorted(snapshots: readonly OrderSnapshot[]): { storable: OrderSnapshot[]; refused: UnreadableRow[] } {
  const storable: OrderSnapshot[] = []
  const refused: UnreadableRow[] = []
  for (const snapshot of snapshots) {
    const reason = unstorableReason(snapshot)
    if (reason === null) storable.push(snapshot)
    else refused.push({ orderId: snapshot.orderId, reason })
  }
  return { storable, refused }
}

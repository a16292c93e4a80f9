import { Injectable } from '@nestjs/common'
import { listingOf } from '../channels/adoption.js'
import type { Platform } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import { Platforms } from '../platforms/platforms.js'
import type { CallContext, Cursor, OrderPage, Outcome } from '../platforms/port.js'
import { patiently, reasonOf } from './patience.js'
import { StagedOrders } from './staged-orders.js'

/**
 * Whether all of a listing was read. `FEWER`: to its end, and the platform counts more tickets than it shows. Of what
 * such a listing, or one that was read in part, does not show nothing may be concluded.
 */
export type ListingRead =
  | { kind: 'WHOLE'; startedAt: Date }
  | { kind: 'FEWER'; startedAt: Date; why: string }
  | { kind: 'IN_PART'; why: string }

const BULK: CallContext = { lane: 'bulk' }
const MOST_PAGES = 50_000

/** Reads all orders of a listing into the staging area, page by page, and says whether that is all there is. */
@Injectable()
export class ListingReader {
  constructor(
    private readonly platforms: Platforms,
    private readonly staged: StagedOrders,
  ) {}

  /** @throws Stopped */
  async read(channel: Channel, listing: string, signal: AbortSignal): Promise<ListingRead> {
    const adapter = this.platforms.get(channel.platform as Platform)
    const startedAt = new Date()
    await this.staged.clear(listing)
    let cursor: Cursor | null = null
    for (let pages = 1; pages <= MOST_PAGES; pages++) {
      const from: Cursor | null = cursor
      const ask = (): Promise<Outcome<OrderPage>> => adapter.listOrders(listingOf(channel), 'full', from, BULK)
      const page: Outcome<OrderPage> = await patiently(ask, signal)
      if (page.kind !== 'OK') {
        return { kind: 'IN_PART', why: `page ${pages} could not be read: ${reasonOf(page)}` }
      }
      await this.staged.add(listing, page.value.snapshots)
      cursor = page.value.nextCursor
      if (page.value.done) return this.judge(channel, listing, page.value.platformCount, startedAt)
    }
    return { kind: 'IN_PART', why: `it did not end within ${MOST_PAGES} pages` }
  }

  private async judge(
    { platform }: Channel,
    listing: string,
    platformCount: number | null,
    startedAt: Date,
  ): Promise<ListingRead> {
    if (platformCount === null) return { kind: 'WHOLE', startedAt }
    const { all, live } = await this.staged.count(listing)
    // Eventbrite counts cancelled tickets too. Meetup's count vouches for live ones; hidden members are in it.
    const shown = platform === 'EVENTBRITE' ? all : live
    if (platformCount <= shown) return { kind: 'WHOLE', startedAt }
    return { kind: 'FEWER', startedAt, why: `${platform} counts ${platformCount} tickets and shows ${shown}` }
  }
}

import { Injectable } from '@nestjs/common'
import { emptySum, merged, type DecayingSum } from '../domain/rebalancing/decaying-sum.js'
import { Clock } from '../infrastructure/time/clock.js'
import { SalesTotals, type SalesTotal } from './sales-totals.js'

/** Sales of one channel; instants in ms. */
export interface ChannelSales {
  tickets: DecayingSum
  first: number
  last: number
}

interface CachedSales {
  /** Of the orders seen before `until` (ms), all of which are committed. */
  sales: ReadonlyMap<string, ChannelSales>
  until: number
}

/** Maximum delay between an order's `seen_at` and its commit, ms. */
const MAX_COMMIT_DELAY_MS = 30_000
const MAX_EVENTS = 10_000

/**
 * Sales of an event by channel and time (`SalesTotals`). Cancelled tickets count as demand. The orders are in the database;
 * their sums are cached here and updated incrementally.
 */
@Injectable()
export class SalesHistory {
  private readonly cache = new Map<string, CachedSales>()

  constructor(
    private readonly totals: SalesTotals,
    private readonly clock: Clock,
  ) {}

  /** By channel id; channels without sales are missing. */
  async of(eventId: string): Promise<ReadonlyMap<string, ChannelSales>> {
    const now = this.clock.now().getTime()
    const cached = this.cache.get(eventId) ?? { sales: new Map(), until: 0 }
    const until = Math.max(cached.until, now - MAX_COMMIT_DELAY_MS)
    const period = { since: new Date(cached.until), until: new Date(until), now: new Date(now) }
    const rows = await this.totals.seenSince(eventId, period)
    const settled = withRows(
      cached.sales,
      rows.filter((row) => row.settled),
      now,
    )
    this.store(eventId, { sales: settled, until })
    return withRows(
      settled,
      rows.filter((row) => !row.settled),
      now,
    )
  }

  /** Evicts the least recently used entry. */
  private store(eventId: string, sales: CachedSales): void {
    this.cache.delete(eventId)
    this.cache.set(eventId, sales)
    const oldest = this.cache.keys().next()
    if (this.cache.size > MAX_EVENTS && !oldest.done) this.cache.delete(oldest.value)
  }
}

function withRows(
  sales: ReadonlyMap<string, ChannelSales>,
  rows: readonly SalesTotal[],
  now: number,
): ReadonlyMap<string, ChannelSales> {
  const all = new Map(sales)
  for (const { channelId, layers, first, last } of rows) {
    const known = all.get(channelId)
    all.set(channelId, {
      tickets: merged(known?.tickets ?? emptySum(now), { at: now, layers }),
      first: Math.min(known?.first ?? Infinity, first.getTime()),
      last: Math.max(known?.last ?? 0, last.getTime()),
    })
  }
  return all
}

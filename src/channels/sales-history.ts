import { Injectable } from '@nestjs/common'
import { DIRECT } from '../domain/channel.js'
import { HALF_LIVES, emptySum, merged, type DecayingSum } from '../domain/decaying-sum.js'
import { Clock } from '../infrastructure/time/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'

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

interface Row {
  channel: string
  settled: boolean
  layers: number[]
  first: Date
  last: Date
}

/** Maximum delay between an order's `seen_at` and its commit, ms. */
const MAX_COMMIT_DELAY_MS = 30_000
const MAX_EVENTS = 10_000

/**
 * Sales of an event by channel and time. An order counts at the instant at which it was placed; where the platform does
 * not report it, at its first version (Meetup's time of the RSVP), or when it was first seen. Cancelled tickets count as
 * demand. The orders are in PostgreSQL; their sums are cached here and updated incrementally.
 */
@Injectable()
export class SalesHistory {
  private readonly cache = new Map<string, CachedSales>()

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** By channel id; channels without sales are missing. */
  async of(eventId: string): Promise<ReadonlyMap<string, ChannelSales>> {
    const now = this.clock.now().getTime()
    const cached = this.cache.get(eventId) ?? { sales: new Map(), until: 0 }
    const until = Math.max(cached.until, now - MAX_COMMIT_DELAY_MS)
    const rows = await this.seenSince(eventId, cached.until, until, now)
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

  /** One row per channel, separately for orders seen before and after `until`. The layers are as of `now`. */
  private seenSince(eventId: string, since: number, until: number, now: number): Promise<Row[]> {
    const halfLives = HALF_LIVES.map((ms) => ms / 1_000)
    return this.prisma.$queryRaw<Row[]>`
      WITH sales AS (
        SELECT COALESCE(o.channel_id, ${DIRECT.id}) AS channel, o.seen_at < ${new Date(until)} AS settled,
          GREATEST(o.quantity, (SELECT count(*) FROM tickets t WHERE t.order_id = o.id)) AS tickets,
          LEAST(o.seen_at, COALESCE(o.placed_at, CASE
            WHEN o.version ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' AND o.version >= '1971'
            THEN o.version::timestamptz END, o.seen_at)) AS sold_at
        FROM orders o WHERE o.event_id = ${eventId} AND o.seen_at >= ${new Date(since)}
      ), layers AS (
        SELECT channel, settled, layer.place, min(sold_at) AS first, max(sold_at) AS last,
          -- Bounded at both ends: power() refuses to underflow, and no clock that is ahead makes a sale count more.
          sum(tickets * power(2::float8, LEAST(0, GREATEST(-1000,
            extract(epoch FROM sold_at - ${new Date(now)}::timestamptz)::float8 / layer.seconds)))) AS tickets
        FROM sales CROSS JOIN unnest(${halfLives}::float8[]) WITH ORDINALITY AS layer(seconds, place)
        WHERE tickets > 0 GROUP BY channel, settled, layer.place
      )
      SELECT channel, settled, min(first) AS first, max(last) AS last, array_agg(tickets ORDER BY place) AS layers
      FROM layers GROUP BY channel, settled`
  }
}

function withRows(
  sales: ReadonlyMap<string, ChannelSales>,
  rows: readonly Row[],
  now: number,
): ReadonlyMap<string, ChannelSales> {
  const all = new Map(sales)
  for (const { channel, layers, first, last } of rows) {
    const known = all.get(channel)
    all.set(channel, {
      tickets: merged(known?.tickets ?? emptySum(now), { at: now, layers }),
      first: Math.min(known?.first ?? Infinity, first.getTime()),
      last: Math.max(known?.last ?? 0, last.getTime()),
    })
  }
  return all
}

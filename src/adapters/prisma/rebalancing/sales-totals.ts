import { SalesTotals, type SalesTotal } from '../../../rebalancing/sales-totals.js'
import { DIRECT } from '../../../domain/channel.js'
import { HALF_LIVES } from '../../../domain/rebalancing/decaying-sum.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'

const RECENT = '10 minutes'

export class PrismaSalesTotals extends SalesTotals {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  seenSince(eventId: string, { since, until, now }: { since: Date; until: Date; now: Date }): Promise<SalesTotal[]> {
    const halfLives = HALF_LIVES.map((ms) => ms / 1_000)
    return this.prisma.$queryRaw<SalesTotal[]>`
      WITH sales AS (
        SELECT COALESCE(o.channel_id, ${DIRECT.id}) AS channel, o.seen_at < ${until} AS settled,
          GREATEST(o.quantity, (SELECT count(*) FROM tickets t WHERE t.order_id = o.id)) AS tickets,
          LEAST(o.seen_at, COALESCE(o.placed_at, CASE
            WHEN o.version ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' AND o.version >= '1971'
            THEN o.version::timestamptz END, o.seen_at)) AS sold_at
        FROM orders o WHERE o.event_id = ${eventId} AND o.seen_at >= ${since}
      ), layers AS (
        SELECT channel, settled, layer.place, min(sold_at) AS first, max(sold_at) AS last,
          -- Bounded at both ends: power() refuses to underflow, and no clock that is ahead makes a sale count more.
          sum(tickets * power(2::float8, LEAST(0, GREATEST(-1000,
            extract(epoch FROM sold_at - ${now}::timestamptz)::float8 / layer.seconds)))) AS tickets
        FROM sales CROSS JOIN unnest(${halfLives}::float8[]) WITH ORDINALITY AS layer(seconds, place)
        WHERE tickets > 0 GROUP BY channel, settled, layer.place
      )
      SELECT channel AS "channelId", settled, min(first) AS first, max(last) AS last,
        array_agg(tickets ORDER BY place) AS layers
      FROM layers GROUP BY channel, settled`
  }

  async recentOnPlatforms(): Promise<Map<string, number>> {
    const rows = await this.prisma.$queryRaw<{ id: string; tickets: bigint }[]>`
      SELECT event_id AS id, SUM(quantity) AS tickets FROM orders
      WHERE seen_at > now() - ${RECENT}::interval AND platform <> 'DIRECT' GROUP BY 1`
    return new Map(rows.map(({ id, tickets }) => [id, Number(tickets)]))
  }
}

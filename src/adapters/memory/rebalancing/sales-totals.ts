import { SalesTotals, type SalesTotal } from '../../../rebalancing/sales-totals.js'
import { DIRECT } from '../../../domain/channel.js'
import { HALF_LIVES } from '../../../domain/rebalancing/decaying-sum.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { OrderRow } from '../rows.js'

const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
/** Versions of an earlier year are no instants. */
const FIRST_YEAR = '1971'
/** Beyond this many half-lives nothing remains. */
const MAX_HALF_LIVES = 1_000
const RECENT_MS = 10 * 60_000

export class MemorySalesTotals extends SalesTotals {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async seenSince(
    eventId: string,
    { since, until, now }: { since: Date; until: Date; now: Date },
  ): Promise<SalesTotal[]> {
    this.database.assertAvailable()
    const totals = new Map<string, SalesTotal>()
    for (const order of this.database.orders.whereKey(null, 'eventId', eventId, (row) => row.seenAt >= since)) {
      const tickets = this.ticketsOf(order)
      if (tickets === 0) continue
      const [channelId, settled, soldAt] = [order.channelId ?? DIRECT.id, order.seenAt < until, soldAtOf(order)]
      const key = `${channelId} ${settled}`
      const { layers, first, last } = totals.get(key) ?? {
        layers: HALF_LIVES.map(() => 0),
        first: soldAt,
        last: soldAt,
      }
      totals.set(key, {
        channelId,
        settled,
        layers: layers.map((sum, index) => sum + tickets * remaining(soldAt, now, HALF_LIVES[index] ?? Infinity)),
        first: soldAt < first ? soldAt : first,
        last: soldAt > last ? soldAt : last,
      })
    }
    return [...totals.values()]
  }

  async recentOnPlatforms(): Promise<Map<string, number>> {
    this.database.assertAvailable()
    const since = this.database.clock.now().getTime() - RECENT_MS
    const sales = new Map<string, number>()
    const recent = this.database.orders.where(
      null,
      ({ platform, seenAt }) => platform !== 'DIRECT' && seenAt.getTime() > since,
    )
    for (const { eventId, quantity } of recent) sales.set(eventId, (sales.get(eventId) ?? 0) + quantity)
    return sales
  }

  private ticketsOf({ id, quantity }: OrderRow): number {
    return Math.max(quantity, this.database.tickets.whereKey(null, 'orderId', id).length)
  }
}

function soldAtOf({ seenAt, placedAt, version }: OrderRow): Date {
  const dated = RFC_3339_UTC.test(version) && version >= FIRST_YEAR ? new Date(version) : null
  const soldAt = placedAt ?? dated ?? seenAt
  return soldAt < seenAt ? soldAt : seenAt
}

/** The share of a sale that remains; never more than all of it, even if a clock is ahead. */
function remaining(soldAt: Date, now: Date, halfLifeMs: number): number {
  const halfLives = (now.getTime() - soldAt.getTime()) / halfLifeMs
  return 2 ** -Math.max(0, Math.min(MAX_HALF_LIVES, halfLives))
}

import { Injectable } from '@nestjs/common'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'

const RECENT_SALES_WINDOW = '10 minutes'
const CACHE_MS = 10_000

interface Closable {
  id: string
  startsAt: Date
}

/** Order in which events are closed: fastest-selling first (largest risk of overselling), then soonest to start. */
@Injectable()
export class ClosingOrder {
  private recentSales = new Map<string, number>()
  private readAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  async prioritize<T extends Closable>(events: readonly T[]): Promise<T[]> {
    if (this.clock.monotonicMs() - this.readAt > CACHE_MS) {
      this.recentSales = await this.readRecentSales()
      this.readAt = this.clock.monotonicMs()
    }
    const soldOf = ({ id }: T) => this.recentSales.get(id) ?? 0
    const nowMs = this.clock.now().getTime()
    return events.toSorted((a, b) => soldOf(b) - soldOf(a) || startRank(a, nowMs) - startRank(b, nowMs))
  }

  /** Tickets sold on platforms within the window, per event. */
  private async readRecentSales(): Promise<Map<string, number>> {
    const rows = await this.prisma.$queryRaw<{ id: string; tickets: bigint }[]>`
      SELECT event_id AS id, SUM(quantity) AS tickets FROM orders
      WHERE seen_at > now() - ${RECENT_SALES_WINDOW}::interval AND platform <> 'DIRECT' GROUP BY 1`
    return new Map(rows.map(({ id, tickets }) => [id, Number(tickets)]))
  }
}

/** Events that have started come last. */
function startRank({ startsAt }: Closable, nowMs: number): number {
  const inMs = startsAt.getTime() - nowMs
  return inMs >= 0 ? inMs : Number.MAX_SAFE_INTEGER
}

import { Injectable } from '@nestjs/common'
import { SalesTotals } from '../../rebalancing/sales-totals.js'
import { Clock } from '../../infrastructure/time/clock.js'

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
    private readonly sales: SalesTotals,
    private readonly clock: Clock,
  ) {}

  async prioritize<T extends Closable>(events: readonly T[]): Promise<T[]> {
    if (this.clock.monotonicMs() - this.readAt > CACHE_MS) {
      this.recentSales = await this.sales.recentOnPlatforms()
      this.readAt = this.clock.monotonicMs()
    }
    const soldOf = ({ id }: T) => this.recentSales.get(id) ?? 0
    const nowMs = this.clock.now().getTime()
    return events.toSorted((a, b) => soldOf(b) - soldOf(a) || startRank(a, nowMs) - startRank(b, nowMs))
  }
}

/** Events that have started come last. */
function startRank({ startsAt }: Closable, nowMs: number): number {
  const inMs = startsAt.getTime() - nowMs
  return inMs >= 0 ? inMs : Number.MAX_SAFE_INTEGER
}

import { Injectable } from '@nestjs/common'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { OnStockChanged } from '../../stock/on-stock-changed.js'
import type { StockChanged } from '../../stock/stock-events.js'

/** Older sales were read by the import of their listing and do not reflect the latency. */
const MAX_SECONDS = 86_400
const BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 3_600]

/** Counts the sales recorded by this process and measures their latency. */
@Injectable()
export class SaleMetrics {
  private readonly recorded
  private readonly visibility

  constructor(
    metrics: Metrics,
    private readonly clock: Clock,
  ) {
    this.recorded = metrics.counter('sales_recorded_total', 'Tickets recorded as sold or cancelled', [
      'platform',
      'kind',
    ])
    const help = 'Time from the sale on the platform to its record in the ledger'
    this.visibility = metrics.histogram('sale_visibility_seconds', help, ['platform'], BUCKETS)
  }

  @OnStockChanged({ runsIn: 'every process' })
  observe({ channel, delta, orders }: StockChanged): void {
    if (channel === 'DIRECT' && delta !== 0) this.count('DIRECT', delta)
    for (const { platform, placedAt, delta: units } of orders) {
      if (units === 0) continue
      this.count(platform, units)
      const seconds = placedAt ? (this.clock.now().getTime() - placedAt.getTime()) / 1_000 : Infinity
      if (units > 0 && seconds <= MAX_SECONDS) this.visibility.observe({ platform }, Math.max(0, seconds))
    }
  }

  private count(platform: string, units: number): void {
    this.recorded.inc({ platform, kind: units > 0 ? 'sale' : 'cancel' }, Math.abs(units))
  }
}

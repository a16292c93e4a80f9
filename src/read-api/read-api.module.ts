import { Module } from '@nestjs/common'
import { EventReads } from './event-reads.js'
import { EventReadsController } from './event-reads.controller.js'
import { LedgerCsv } from './ledger-csv.js'
import { SaleMetrics } from './metrics/sale-metrics.js'
import { StockGauges } from './metrics/stock-gauges.js'
import { SystemGauges } from './metrics/system-gauges.js'
import { SalesCurve } from './sales-curve.js'
import { BackgroundController } from './system/background.controller.js'
import { ModeHistoryController } from './system/mode-history.controller.js'
import { PlatformStates } from './system/platform-states.js'
import { PlatformsController } from './system/platforms.controller.js'
import { QueueBrowser } from './system/queue-browser.js'

/** Reads that no feature needs itself: for the dashboard, exports and metrics. */
@Module({
  controllers: [BackgroundController, EventReadsController, ModeHistoryController, PlatformsController],
  providers: [EventReads, LedgerCsv, PlatformStates, QueueBrowser, SaleMetrics, SalesCurve, StockGauges, SystemGauges],
})
export class ReadApiModule {}

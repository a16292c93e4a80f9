import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { EventsModule } from '../events/events.module.js'
import { FailSafeModule } from '../fail-safe/fail-safe.module.js'
import { WebhooksModule } from '../webhooks/webhooks.module.js'
import { BackgroundController } from './background.controller.js'
import { ChangeFeed } from './change-feed.js'
import { EventReads } from './event-reads.js'
import { EventReadsController } from './event-reads.controller.js'
import { LedgerCsv } from './ledger-csv.js'
import { LiveStream } from './live-stream.js'
import { SaleMetrics } from './metrics/sale-metrics.js'
import { StockGauges } from './metrics/stock-gauges.js'
import { SystemGauges } from './metrics/system-gauges.js'
import { ModeHistoryController } from './mode-history.controller.js'
import { PageController } from './page.controller.js'
import { PageFiles } from './page-files.js'
import { PlatformStates } from './platform-states.js'
import { PlatformsController } from './platforms.controller.js'
import { QueueBrowser } from './queue-browser.js'
import { SalesCurve } from './sales-curve.js'
import { ChannelCommands } from './channel-commands.js'
import { ChannelCommandsController } from './channel-commands.controller.js'
import { StreamController } from './stream.controller.js'

/** The staff dashboard, and what it needs in addition to the rest of the API: its event stream and reads. */
@Module({
  imports: [ChannelsModule, EventsModule, FailSafeModule, WebhooksModule],
  controllers: [
    PageController,
    BackgroundController,
    EventReadsController,
    ModeHistoryController,
    PlatformsController,
    ChannelCommandsController,
    StreamController,
  ],
  providers: [
    ChangeFeed,
    EventReads,
    LedgerCsv,
    LiveStream,
    PageFiles,
    PlatformStates,
    QueueBrowser,
    SaleMetrics,
    SalesCurve,
    ChannelCommands,
    StockGauges,
    SystemGauges,
  ],
  exports: [PlatformStates],
})
export class DashboardModule {}

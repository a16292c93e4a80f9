import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { RebalancingModule } from '../rebalancing/rebalancing.module.js'
import { EventCommandsModule } from './event-commands.module.js'
import { EventQueries } from './event-queries.js'
import { EventsController } from './events.controller.js'
import { History } from './history/history.js'
import { SalesCsvController } from './history/sales-csv.controller.js'
import { SalesCsv } from './history/sales-csv.js'
import { ProofController } from './proof/proof.controller.js'
import { ProofRecord } from './proof/proof-record.js'
import { RebalanceController } from './rebalance/rebalance.controller.js'
import { StockCalculation } from './stock/stock-calculation.js'
import { StockVersions } from './stock/stock-versions.js'
import { StockView } from './stock/stock-view.js'

@Module({
  imports: [ChannelsModule, EventCommandsModule, RebalancingModule],
  controllers: [EventsController, SalesCsvController, ProofController, RebalanceController],
  providers: [EventQueries, History, ProofRecord, SalesCsv, StockCalculation, StockVersions, StockView],
  exports: [EventCommandsModule, EventQueries, StockVersions, StockView],
})
export class EventsModule {}

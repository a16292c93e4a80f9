import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { RebalancingModule } from '../rebalancing/rebalancing.module.js'
import { EventChanges } from './event-changes.js'
import { EventCreation } from './event-creation.js'
import { EventQueries } from './event-queries.js'
import { EventStates } from './event-states.js'
import { EventsController } from './events.controller.js'
import { History } from './history/history.js'
import { SalesCsvController } from './history/sales-csv.controller.js'
import { SalesCsv } from './history/sales-csv.js'
import { ProofController } from './proof/proof.controller.js'
import { ProofRecord } from './proof/proof-record.js'
import { RebalanceController } from './rebalance/rebalance.controller.js'
import { StockView } from './stock/stock-view.js'

@Module({
  imports: [ChannelsModule, RebalancingModule],
  controllers: [EventsController, SalesCsvController, ProofController, RebalanceController],
  providers: [EventChanges, EventCreation, EventQueries, EventStates, History, ProofRecord, SalesCsv, StockView],
  exports: [EventCreation, EventQueries, StockView],
})
export class EventsModule {}

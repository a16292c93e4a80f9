import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { DesiredMoves } from './desired-moves.js'
import { DonorReads } from './donor-reads.js'
import { OnSaleSpans } from './on-sale-spans.js'
import { RebalanceViews } from './rebalance-view.js'
import { Rebalancer } from './rebalancer.js'
import { SalesHistory } from './sales-history.js'
import { SalesVelocity } from './sales-velocity.js'

/** Moves units to the channels that sell them. */
@Module({
  imports: [AlertsModule, ChannelsModule],
  providers: [DesiredMoves, DonorReads, OnSaleSpans, RebalanceViews, Rebalancer, SalesHistory, SalesVelocity],
  exports: [Rebalancer, SalesVelocity],
})
export class RebalancingModule {}

import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { TicketIssuingModule } from '../tickets/ticket-issuing.module.js'
import { SafetyReleases } from './safety-releases.js'
import { SafetySales } from './safety-sales.js'
import { SafetyStockController } from './safety-stock.controller.js'

/** Manual sales from the safety stock, and its release to a platform. */
@Module({
  imports: [ChannelsModule, TicketIssuingModule],
  controllers: [SafetyStockController],
  providers: [SafetyReleases, SafetySales],
  exports: [SafetySales],
})
export class SafetyStockModule {}

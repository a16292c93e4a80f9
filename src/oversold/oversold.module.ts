import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { AllocationReclaim } from './allocation-reclaim.js'
import { Oversold } from './oversold.js'

/** Detects sales beyond a channel's allocation or the capacity, and resolves what can be resolved. */
@Module({
  imports: [AlertsModule, ChannelsModule],
  providers: [AllocationReclaim, Oversold],
})
export class OversoldModule {}

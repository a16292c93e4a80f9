import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { WebhooksModule } from '../webhooks/webhooks.module.js'
import { CapRenewal } from './cap-renewal.js'
import { ChannelClosing } from './channel-closing.js'
import { ChannelCounter } from './channel-count.js'
import { ClosingOrder } from './closing-order.js'
import { FailSafeDuty } from './fail-safe-duty.js'
import { FailSafeController } from './fail-safe.controller.js'
import { FailSafeService } from './fail-safe.service.js'
import { GateRenewal } from './gate-renewal.js'
import { InstanceReports } from './instance-reports.js'
import { ModeNews } from './mode-news.js'
import { OutageSweep } from './outage-sweep.js'
import { Recovery } from './recovery.js'
import { SystemModeModule } from './system-mode.module.js'

/** Without Redis nothing is sold: closing, and the way back. */
@Module({
  imports: [SystemModeModule, AlertsModule, ChannelsModule, WebhooksModule],
  controllers: [FailSafeController],
  providers: [
    CapRenewal,
    ChannelClosing,
    ChannelCounter,
    ClosingOrder,
    FailSafeDuty,
    FailSafeService,
    GateRenewal,
    InstanceReports,
    ModeNews,
    OutageSweep,
    Recovery,
  ],
  exports: [FailSafeDuty, FailSafeService],
})
export class FailSafeModule {}

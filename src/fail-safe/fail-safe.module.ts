import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { InboundModule } from '../inbound/inbound.module.js'
import { CapReplanStep } from './recover/cap-replan-step.js'
import { BudgetClaims } from './close/budget-claims.js'
import { EmergencyClose } from './close/emergency-close.js'
import { ChannelCounter } from './close/channel-count.js'
import { ClosingOrder } from './close/closing-order.js'
import { FailSafeCoordinator } from './fail-safe-coordinator.js'
import { FailSafeController } from './fail-safe.controller.js'
import { FailSafeService } from './fail-safe.service.js'
import { GateRebuildStep } from './recover/gate-rebuild-step.js'
import { InstanceReports } from './instance-reports.js'
import { ModeChangeNotifier } from './mode-change-notifier.js'
import { OutageSweep } from './recover/outage-sweep.js'
import { Recovery } from './recover/recovery.js'
import { SystemModeModule } from '../system-mode/system-mode.module.js'

/** Fail-safe mode: closes all channels while Redis is unavailable, then recovers. */
@Module({
  imports: [SystemModeModule, AlertsModule, ChannelsModule, InboundModule],
  controllers: [FailSafeController],
  providers: [
    BudgetClaims,
    CapReplanStep,
    EmergencyClose,
    ChannelCounter,
    ClosingOrder,
    FailSafeCoordinator,
    FailSafeService,
    GateRebuildStep,
    InstanceReports,
    ModeChangeNotifier,
    OutageSweep,
    Recovery,
  ],
  exports: [FailSafeCoordinator, FailSafeService],
})
export class FailSafeModule {}

import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { WebhooksModule } from '../webhooks/webhooks.module.js'
import { AbsenceCheck } from './absence-check.js'
import { CapCheck } from './cap-check.js'
import { DriftLog } from './drift-log.js'
import { EventCheck } from './event-check.js'
import { GateCheck } from './gate-check.js'
import { ListingReader } from './listing-reader.js'
import { NightlyScheduler } from './nightly-scheduler.js'
import { OrderCheck } from './order-check.js'
import { OrderCorrection } from './order-correction.js'
import { QuarantineAlerts } from './quarantine-alerts.js'
import { QuarantineController } from './quarantine.controller.js'
import { QuarantineService } from './quarantine.service.js'
import { ReconciliationController } from './reconciliation.controller.js'
import { ReconciliationService } from './reconciliation.service.js'
import { RunExecutor } from './run-executor.js'
import { RunLimits } from './run-limits.js'

/** Compares the ledger with the platforms and the gate with the ledger, and corrects drift. */
@Module({
  imports: [AlertsModule, ChannelsModule, WebhooksModule],
  controllers: [QuarantineController, ReconciliationController],
  providers: [
    AbsenceCheck,
    CapCheck,
    DriftLog,
    EventCheck,
    GateCheck,
    ListingReader,
    NightlyScheduler,
    OrderCheck,
    OrderCorrection,
    QuarantineAlerts,
    QuarantineService,
    ReconciliationService,
    RunExecutor,
    RunLimits,
  ],
  exports: [NightlyScheduler, QuarantineAlerts, ReconciliationService],
})
export class ReconciliationModule {}

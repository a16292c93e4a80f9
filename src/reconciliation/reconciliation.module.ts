import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { InboundModule } from '../inbound/inbound.module.js'
import { AbsenceCheck } from './orders/absence-check.js'
import { CapCheck } from './checks/cap-check.js'
import { DriftLog } from './drift/drift-log.js'
import { EventCheck } from './checks/event-check.js'
import { GateCheck } from './checks/gate-check.js'
import { ListingReader } from './orders/listing-reader.js'
import { NightlyScheduler } from './run/nightly-scheduler.js'
import { OrderCheck } from './orders/order-check.js'
import { OrderCorrection } from './orders/order-correction.js'
import { OutdatedOrders } from './orders/outdated-orders.js'
import { QuarantineAlerts } from './quarantine/quarantine-alerts.js'
import { QuarantineController } from './quarantine/quarantine.controller.js'
import { QuarantineService } from './quarantine/quarantine.service.js'
import { ReconciliationController } from './reconciliation.controller.js'
import { ReconciliationService } from './reconciliation.service.js'
import { RunExecutor } from './run/run-executor.js'
import { RunLimits } from './run/run-limits.js'

/** Compares the ledger with the platforms and the gate with the ledger, and corrects drift. */
@Module({
  imports: [AlertsModule, ChannelsModule, InboundModule],
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
    OutdatedOrders,
    QuarantineAlerts,
    QuarantineService,
    ReconciliationService,
    RunExecutor,
    RunLimits,
  ],
})
export class ReconciliationModule {}

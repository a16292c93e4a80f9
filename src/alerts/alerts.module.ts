import { Module } from '@nestjs/common'
import { AlertService } from './alert.service.js'
import { AlertsController } from './alerts.controller.js'
import { LoopFailures } from './loop-failures.js'
import { StaffAlerts } from './staff-alerts.js'
import { SweepFailures } from './sweep-failures.js'

@Module({
  controllers: [AlertsController],
  providers: [AlertService, LoopFailures, StaffAlerts, SweepFailures],
  exports: [AlertService, LoopFailures],
})
export class AlertsModule {}

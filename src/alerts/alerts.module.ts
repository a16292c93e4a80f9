import { Module } from '@nestjs/common'
import { AlertService } from './alert.service.js'
import { AlertsController } from './alerts.controller.js'
import { LoopFaults } from './loop-faults.js'

@Module({
  controllers: [AlertsController],
  providers: [AlertService, LoopFaults],
  exports: [AlertService, LoopFaults],
})
export class AlertsModule {}

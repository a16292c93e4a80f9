import { Module } from '@nestjs/common'
import { AlertService } from './alert.service.js'
import { AlertsController } from './alerts.controller.js'

@Module({ controllers: [AlertsController], providers: [AlertService], exports: [AlertService] })
export class AlertsModule {}

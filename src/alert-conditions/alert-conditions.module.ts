import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { AccessRefused } from './access-refused.js'
import { ConditionRunner } from './condition-runner.js'
import { AlertResolver } from './alert-resolver.js'
import { ListingGone } from './listing-gone.js'
import { NotClosed } from './not-closed.js'
import { NotImported } from './not-imported.js'
import { ReadsOverdue } from './reads-overdue.js'
import { SignaturesRefused } from './signatures-refused.js'
import { TaskOverdue } from './task-overdue.js'
import { WebhooksMissing } from './webhooks-missing.js'

@Module({
  imports: [AlertsModule],
  providers: [
    AccessRefused,
    ConditionRunner,
    AlertResolver,
    ListingGone,
    NotClosed,
    NotImported,
    ReadsOverdue,
    SignaturesRefused,
    TaskOverdue,
    WebhooksMissing,
  ],
})
export class AlertConditionsModule {}

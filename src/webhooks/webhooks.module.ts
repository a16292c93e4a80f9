import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { ChangesReader } from './changes-reader.js'
import { DeliveriesController } from './deliveries.controller.js'
import { DeliveriesService } from './deliveries.service.js'
import { DeliveryIntake } from './delivery-intake.js'
import { HintRouter } from './hint-router.js'
import { InboundWorkers } from './inbound-workers.js'
import { InboxDrain } from './inbox-drain.js'
import { DeadLetterStore } from './dead-letter-store.js'
import { OrderReader } from './order-reader.js'
import { Poller } from './poller.js'
import { ReadJobs } from './read-jobs.js'
import { SignatureLog } from './signature-log.js'
import { SubscriptionRecords } from './subscription-records.js'
import { Subscriptions } from './subscriptions.js'
import { SweepBudget } from './sweep-budget.js'
import { SweepSchedule } from './sweep-schedule.js'
import { WebhooksController } from './webhooks.controller.js'

/** verify → queue → apply */
@Module({
  imports: [AlertsModule, ChannelsModule],
  controllers: [WebhooksController, DeliveriesController],
  providers: [
    ChangesReader,
    DeliveriesService,
    DeliveryIntake,
    HintRouter,
    InboundWorkers,
    InboxDrain,
    DeadLetterStore,
    OrderReader,
    Poller,
    ReadJobs,
    SignatureLog,
    SubscriptionRecords,
    Subscriptions,
    SweepBudget,
    SweepSchedule,
  ],
  exports: [InboundWorkers, InboxDrain, Poller, ReadJobs, Subscriptions, SweepSchedule],
})
export class WebhooksModule {}

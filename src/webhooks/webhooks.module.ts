import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { ChangesFetcher } from './changes-fetcher.js'
import { DeliveriesController } from './deliveries.controller.js'
import { DeliveriesService } from './deliveries.service.js'
import { DeliveryIntake } from './delivery-intake.js'
import { HintRouter } from './hint-router.js'
import { InboundWorkers } from './inbound-workers.js'
import { InboxDrain } from './inbox-drain.js'
import { DeadLetterStore } from './dead-letter-store.js'
import { OrderFetcher } from './order-fetcher.js'
import { Poller } from './poller.js'
import { FetchJobs } from './fetch-jobs.js'
import { SignatureLog } from './signature-log.js'
import { SubscriptionRecords } from './subscription-records.js'
import { Subscriptions } from './subscriptions.js'
import { SweepBudget } from './sweep-budget.js'
import { SweepSchedule } from './sweep-schedule.js'
import { WebhooksController } from './webhooks.controller.js'

/** Receives webhooks and reads changes: verify → queue → fetch → apply. */
@Module({
  imports: [AlertsModule, ChannelsModule],
  controllers: [WebhooksController, DeliveriesController],
  providers: [
    ChangesFetcher,
    DeliveriesService,
    DeliveryIntake,
    HintRouter,
    InboundWorkers,
    InboxDrain,
    DeadLetterStore,
    OrderFetcher,
    Poller,
    FetchJobs,
    SignatureLog,
    SubscriptionRecords,
    Subscriptions,
    SweepBudget,
    SweepSchedule,
  ],
  exports: [InboundWorkers, InboxDrain, Poller, FetchJobs, Subscriptions, SweepSchedule],
})
export class WebhooksModule {}

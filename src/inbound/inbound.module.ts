import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { ChangesFetcher } from './fetch/changes-fetcher.js'
import { DeliveriesController } from './dead-letters/deliveries.controller.js'
import { DeliveriesService } from './dead-letters/deliveries.service.js'
import { DeliveryIntake } from './receive/delivery-intake.js'
import { HintRouter } from './route/hint-router.js'
import { InboundWorkers } from './fetch/inbound-workers.js'
import { InboxDrain } from './receive/inbox-drain.js'
import { DeadLetterStore } from './dead-letters/dead-letter-store.js'
import { OrderFetcher } from './fetch/order-fetcher.js'
import { Poller } from './polling/poller.js'
import { FetchJobs } from './route/fetch-jobs.js'
import { SignatureLog } from './receive/signature-log.js'
import { WebhookSecrets } from './subscriptions/webhook-secrets.js'
import { SubscriptionRecords } from './subscriptions/subscription-records.js'
import { Subscriptions } from './subscriptions/subscriptions.js'
import { SweepBudget } from './polling/sweep-budget.js'
import { SweepSchedule } from './polling/sweep-schedule.js'
import { UnreadOrders } from './fetch/unread-orders.js'
import { WebhooksController } from './receive/webhooks.controller.js'

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
    WebhookSecrets,
    Subscriptions,
    SweepBudget,
    SweepSchedule,
    UnreadOrders,
  ],
  exports: [InboxDrain, FetchJobs, Subscriptions, SweepSchedule],
})
export class InboundModule {}

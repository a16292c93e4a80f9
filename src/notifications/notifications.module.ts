import { Module } from '@nestjs/common'
import { AlertsModule } from '../alerts/alerts.module.js'
import { Config } from '../infrastructure/config/config.js'
import { AddressGuard } from '../infrastructure/outbound/address-guard.js'
import { AlertCollector } from './collection/alert-collector.js'
import { Digests } from './collection/digests.js'
import { Grouping } from './collection/grouping.js'
import { Milestones } from './collection/milestones.js'
import { Outbox } from './collection/outbox.js'
import { AlertMessages } from './delivery/alert-messages.js'
import { Delivery } from './delivery/delivery.js'
import { MessageSender } from './delivery/message-sender.js'
import { FailingTargets } from './failing-targets.js'
import { NotificationRetention } from './notification-retention.js'
import { PageLinks } from './page-links.js'
import { NotificationsController } from './targets/notifications.controller.js'
import { TargetCommands } from './targets/target-commands.js'
import { TargetSecretsStore } from './targets/target-secrets.js'

const addressGuard = {
  provide: AddressGuard,
  inject: [Config],
  useFactory: ({ notifications }: Config) => new AddressGuard(notifications.allowPrivateTargets),
}

/** Messages to Slack, Discord, email addresses and webhooks about alerts, milestones and sales. */
@Module({
  imports: [AlertsModule],
  controllers: [NotificationsController],
  providers: [
    addressGuard,
    AlertCollector,
    AlertMessages,
    Delivery,
    Digests,
    FailingTargets,
    Grouping,
    MessageSender,
    Milestones,
    NotificationRetention,
    Outbox,
    PageLinks,
    TargetCommands,
    TargetSecretsStore,
  ],
})
export class NotificationsModule {}

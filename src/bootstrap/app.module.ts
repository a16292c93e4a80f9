import { Module, type DynamicModule } from '@nestjs/common'
import { StoresModule } from '../adapters/stores.module.js'
import { AccountsModule } from '../accounts/accounts.module.js'
import { PersonalDataModule } from '../accounts/personal-data/personal-data.module.js'
import { AlertsModule } from '../alerts/alerts.module.js'
import { AlertConditionsModule } from '../alert-conditions/alert-conditions.module.js'
import { ChannelsModule } from '../channels/channels.module.js'
import { ChannelCommandsModule } from '../channel-commands/channel-commands.module.js'
import { LiveUpdatesModule } from '../live-updates/live-updates.module.js'
import { OrdersModule } from '../orders/orders.module.js'
import { OversoldModule } from '../oversold/oversold.module.js'
import { ReadApiModule } from '../read-api/read-api.module.js'
import { RebalancingModule } from '../rebalancing/rebalancing.module.js'
import { WebPageModule } from '../web-page/web-page.module.js'
import { ConnectionCommandsModule } from '../connection-commands/connection-commands.module.js'
import { ConnectionsModule } from '../connections/connections.module.js'
import { DemoModule } from '../demo/demo.module.js'
import { DoorModule } from '../door/door.module.js'
import { EventsModule } from '../events/events.module.js'
import { FailSafeModule } from '../fail-safe/fail-safe.module.js'
import type { Config } from '../infrastructure/config/config.js'
import { InfrastructureModule } from '../infrastructure/infrastructure.module.js'
import { MailModule } from '../infrastructure/mail/mail.module.js'
import { ContentsModule } from '../contents/contents.module.js'
import { QueuesModule } from '../infrastructure/queues/queues.module.js'
import { MailsModule } from '../mails/mails.module.js'
import { NotificationsModule } from '../notifications/notifications.module.js'
import { StockModule } from '../stock/stock.module.js'
import { PlatformsModule } from '../platforms/platforms.module.js'
import { HoldsModule } from '../holds/holds.module.js'
import { PaymentsModule } from '../payments/payments.module.js'
import { PaymentProviderModule } from '../payments/providers/payment-provider.module.js'
import { SafetyStockModule } from '../safety-stock/safety-stock.module.js'
import { EncryptionModule } from '../infrastructure/encryption/encryption.module.js'
import { SeatsModule } from '../seats/seats.module.js'
import { TicketCommandsModule } from '../ticket-commands/ticket-commands.module.js'
import { TicketsModule } from '../tickets/tickets.module.js'
import { WaitlistModule } from '../waitlist/waitlist.module.js'
import { ReconciliationModule } from '../reconciliation/reconciliation.module.js'
import { InboundModule } from '../inbound/inbound.module.js'

/** Root module of all roles. */
@Module({})
export class AppModule {
  static of(config: Config, logTo: 'stdout' | 'stderr' = 'stdout'): DynamicModule {
    return {
      module: AppModule,
      imports: [
        InfrastructureModule.of(config, logTo),
        QueuesModule,
        MailModule,
        StoresModule,
        EncryptionModule,
        StockModule,
        OrdersModule,
        PlatformsModule,
        ConnectionsModule,
        AccountsModule,
        PersonalDataModule,
        AlertsModule,
        ChannelsModule,
        RebalancingModule,
        OversoldModule,
        InboundModule,
        ConnectionCommandsModule,
        FailSafeModule,
        ReconciliationModule,
        AlertConditionsModule,
        SeatsModule,
        EventsModule,
        ChannelCommandsModule,
        ContentsModule,
        TicketsModule,
        HoldsModule,
        PaymentProviderModule,
        PaymentsModule,
        WaitlistModule,
        SafetyStockModule,
        DoorModule,
        MailsModule,
        TicketCommandsModule,
        NotificationsModule,
        ReadApiModule,
        LiveUpdatesModule,
        WebPageModule,
        DemoModule,
      ],
    }
  }
}

import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { HoldCheckout } from '../payments/checkout/hold-checkout.js'
import { HoldAdmission } from '../holds/creation/hold-admission.js'
import { HoldExpiry } from '../holds/hold-expiry.js'
import { HoldResolution } from '../holds/hold-resolution.js'
import { HoldCreation } from '../holds/creation/hold-creation.js'
import { HoldExpiryIndex } from '../holds/hold-expiry-index.js'
import { HoldsController } from '../holds/holds.controller.js'
import { PaymentWorker } from '../payments/processing/payment-worker.js'
import { PAYMENT_CONTROLLERS, PAYMENT_PROVIDERS } from '../payments/payments.parts.js'
import { SafetyReleases } from '../safety-stock/safety-releases.js'
import { SafetySales } from '../safety-stock/safety-sales.js'
import { SafetyStockController } from '../safety-stock/safety-stock.controller.js'
import { SeatsController } from '../seats/seats.controller.js'
import { TICKET_CONTROLLERS, TICKET_PROVIDERS } from '../tickets/tickets.parts.js'
import { WaitlistOffers } from '../waitlist/waitlist-offers.js'
import { WAITLIST_CONTROLLERS, WAITLIST_PROVIDERS } from '../waitlist/waitlist.parts.js'

/** The direct channel: holds, seats, payments, tickets, safety stock and waitlist. */
@Module({
  imports: [ChannelsModule],
  controllers: [
    HoldsController,
    SeatsController,
    SafetyStockController,
    ...PAYMENT_CONTROLLERS,
    ...WAITLIST_CONTROLLERS,
    ...TICKET_CONTROLLERS,
  ],
  providers: [
    HoldCheckout,
    HoldAdmission,
    HoldExpiry,
    HoldResolution,
    HoldCreation,
    HoldExpiryIndex,
    SafetyReleases,
    SafetySales,
    ...PAYMENT_PROVIDERS,
    ...WAITLIST_PROVIDERS,
    ...TICKET_PROVIDERS,
  ],
  exports: [HoldExpiry, HoldResolution, HoldCreation, PaymentWorker, WaitlistOffers],
})
export class SalesModule {}

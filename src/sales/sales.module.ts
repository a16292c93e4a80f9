import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { HoldCheckout } from './hold-checkout.js'
import { HoldAdmission } from './hold-admission.js'
import { HoldExpiry } from './hold-expiry.js'
import { HoldResolution } from './hold-resolution.js'
import { HoldCreation } from './hold-creation.js'
import { HoldExpiryIndex } from './hold-expiry-index.js'
import { HoldsController } from './holds.controller.js'
import { PaymentWorker } from './payments/payment-worker.js'
import { PAYMENT_CONTROLLERS, PAYMENT_PROVIDERS } from './payments/payments.parts.js'
import { SafetyReleases } from './safety-releases.js'
import { SafetySales } from './safety-sales.js'
import { SafetyStockController } from './safety-stock.controller.js'
import { SeatsController } from './seats.controller.js'
import { TICKET_CONTROLLERS, TICKET_PROVIDERS } from './tickets/tickets.parts.js'
import { WaitlistOffers } from './waitlist/waitlist-offers.js'
import { WAITLIST_CONTROLLERS, WAITLIST_PROVIDERS } from './waitlist/waitlist.parts.js'

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

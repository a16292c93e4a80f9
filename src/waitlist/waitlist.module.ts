import { Module } from '@nestjs/common'
import { HoldsModule } from '../holds/holds.module.js'
import { PaymentsModule } from '../payments/payments.module.js'
import { ClaimPageController } from './claim-page.controller.js'
import { EntryTokens } from './entry-tokens.js'
import { WaitlistClaims } from './waitlist-claims.js'
import { WaitlistLinks } from './waitlist-links.js'
import { WaitlistOffers } from './waitlist-offers.js'
import { WaitlistController } from './waitlist.controller.js'
import { Waitlist } from './waitlist.js'

/** Customers waiting for tickets, and the holds offered to them. */
@Module({
  imports: [HoldsModule, PaymentsModule],
  controllers: [WaitlistController, ClaimPageController],
  providers: [EntryTokens, Waitlist, WaitlistClaims, WaitlistLinks, WaitlistOffers],
  exports: [WaitlistLinks],
})
export class WaitlistModule {}

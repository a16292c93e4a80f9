import { Module } from '@nestjs/common'
import { TicketIssuingModule } from '../tickets/ticket-issuing.module.js'
import { HoldAdmission } from './creation/hold-admission.js'
import { HoldCreation } from './creation/hold-creation.js'
import { HoldAccess } from './hold-access.js'
import { HoldExpiry } from './hold-expiry.js'
import { HoldResolution } from './hold-resolution.js'
import { HoldsController } from './holds.controller.js'

/** Units reserved for a buyer for a limited time. Buying them is the checkout of the payments. */
@Module({
  imports: [TicketIssuingModule],
  controllers: [HoldsController],
  providers: [HoldAccess, HoldAdmission, HoldCreation, HoldExpiry, HoldResolution],
  exports: [HoldAccess, HoldResolution],
})
export class HoldsModule {}

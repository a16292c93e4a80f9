import { Module } from '@nestjs/common'
import { TicketIssuingModule } from './ticket-issuing.module.js'
import { TicketQrCodes } from './ticket-qr-codes.js'
import { TicketPageController } from './ticket-page.controller.js'
import { TicketsController } from './tickets.controller.js'

/** Orders and tickets of the direct channel. */
@Module({
  imports: [TicketIssuingModule],
  controllers: [TicketsController, TicketPageController],
  providers: [TicketQrCodes],
  exports: [TicketIssuingModule],
})
export class TicketsModule {}

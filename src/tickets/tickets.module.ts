import { Module } from '@nestjs/common'
import { TicketMails } from './ticket-mails.js'
import { TicketQrCodes } from './ticket-qr-codes.js'
import { TicketsController } from './tickets.controller.js'

/** Orders and tickets of the direct channel. */
@Module({ controllers: [TicketsController], providers: [TicketMails, TicketQrCodes], exports: [TicketMails] })
export class TicketsModule {}

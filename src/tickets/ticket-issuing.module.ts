import { Module } from '@nestjs/common'
import { DirectOrders } from './direct-orders.js'
import { TicketMails } from './ticket-mails.js'

/** Issues and sends the tickets of direct sales. */
@Module({ providers: [DirectOrders, TicketMails], exports: [DirectOrders, TicketMails] })
export class TicketIssuingModule {}

import { Module } from '@nestjs/common'
import { AuditModule } from '../accounts/audit.module.js'
import { MailsModule } from '../mails/mails.module.js'
import { TicketCommandsController } from './ticket-commands.controller.js'
import { TicketResend } from './ticket-resend.js'
import { TicketTransfer } from './ticket-transfer.js'

/** What staff and customers do with tickets after the sale: send them again, give them to others. */
@Module({
  imports: [AuditModule, MailsModule],
  controllers: [TicketCommandsController],
  providers: [TicketResend, TicketTransfer],
})
export class TicketCommandsModule {}

import { Module } from '@nestjs/common'
import { TicketIssuingModule } from '../tickets/ticket-issuing.module.js'
import { WaitlistModule } from '../waitlist/waitlist.module.js'
import { CurrentTransfers } from './current-transfers.js'
import { MailComposer } from './mail-composer.js'
import { MailsController } from './mails.controller.js'
import { TicketFiles } from './ticket-files.js'
import { UnsentMails } from './unsent-mails.js'

/** Mails that were not sent: their list, and another attempt. */
@Module({
  imports: [TicketIssuingModule, WaitlistModule],
  controllers: [MailsController],
  providers: [CurrentTransfers, MailComposer, TicketFiles, UnsentMails],
  exports: [MailComposer],
})
export class MailsModule {}

import { Global, Module } from '@nestjs/common'
import { MailJobs } from './mail-jobs.js'
import { MailOutbox } from './mail-outbox.js'
import { MailSender } from './mail-sender.js'

@Global()
@Module({ providers: [MailJobs, MailOutbox, MailSender], exports: [MailJobs, MailOutbox] })
export class MailModule {}

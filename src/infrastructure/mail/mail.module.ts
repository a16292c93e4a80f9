import { Global, Module } from '@nestjs/common'
import { MailJobs } from './mail-jobs.js'
import { MailSender } from './mail-sender.js'

@Global()
@Module({ providers: [MailJobs, MailSender], exports: [MailJobs, MailSender] })
export class MailModule {}

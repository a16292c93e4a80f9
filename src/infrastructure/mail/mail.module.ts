import { Global, Module } from '@nestjs/common'
import { MailFiles } from './mail-files.js'
import { MailJobs } from './mail-jobs.js'
import { MailSender } from './mail-sender.js'

@Global()
@Module({ providers: [MailFiles, MailJobs, MailSender], exports: [MailFiles, MailJobs, MailSender] })
export class MailModule {}

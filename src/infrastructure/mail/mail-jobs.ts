import { Injectable, Logger } from '@nestjs/common'
import { JobHandler } from '../background/job-handler.js'
import { Periodic } from '../background/periodic.js'
import { Clock } from '../time/clock.js'
import { Metrics } from '../metrics/metrics.js'
import { PrismaService } from '../prisma/prisma.service.js'
import { JobQueues, RetryLaterError } from '../queues/job-queues.js'
import { QUEUES } from '../queues/queue-names.js'
import { singleLine } from '../text/single-line.js'
import { MailFiles } from './mail-files.js'
import { MAIL_KINDS, type MailKind } from './mail-outbox.js'
import { MailSender } from './mail-sender.js'
import { SlowDomains } from './slow-domains.js'

interface MailJob {
  mailId: string
}

const OUTBOX_POLL_MS = 1_000
const BATCH = 500
const MAX_CONCURRENT = 4
/** Of these, to domains that refuse mails slowly. */
const MAX_SLOW = 2
const SLOW_RETRY_MS = 15_000
/** In over an hour. */
const ATTEMPTS = 12
const BACKOFF_MS = 2_000
const MAX_FAILURE_LENGTH = 500

/**
 * Sends the mails of the outbox at least once; a duplicate is possible only after a crash while sending. Jobs lost by the
 * queue are recreated from the outbox.
 */
@Injectable()
export class MailJobs {
  private readonly logger = new Logger('Mail')
  private readonly mails
  private readonly slowDomains: SlowDomains

  constructor(
    private readonly prisma: PrismaService,
    private readonly queues: JobQueues,
    private readonly sender: MailSender,
    private readonly files: MailFiles,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.slowDomains = new SlowDomains(clock, MAX_SLOW)
    this.mails = metrics.counter('mails_total', 'Mails by outcome', ['kind', 'result'])
    // From zero, so that the first failure of a kind counts as an increase.
    for (const kind of MAIL_KINDS) this.mails.inc({ kind, result: 'failed' }, 0)
  }

  @JobHandler({
    queue: QUEUES.mails,
    concurrency: MAX_CONCURRENT,
    onExhausted: (mails: MailJobs, { mailId }: MailJob, error) => mails.markFailed(mailId, error),
    // Its row has the outcome by then. A job that is kept would keep the mail out of the queue when it is sent again.
    removeExhausted: () => true,
  })
  async handle({ mailId }: MailJob): Promise<void> {
    await this.send(mailId)
  }

  /**
   * Idempotent: a mail that is queued already is not added again. Those that were not attempted yet come first: otherwise
   * as many as a batch whose server does not accept them would keep all later ones out of the queue until they have failed.
   */
  @Periodic({ name: 'unsent mail check', every: OUTBOX_POLL_MS })
  async queueUnsent(): Promise<void> {
    const unsent = await this.prisma.mail.findMany({
      where: { sentAt: null, failedAt: null },
      orderBy: [{ attemptedAt: { sort: 'asc', nulls: 'first' } }, { createdAt: 'asc' }],
      select: { id: true },
      take: BATCH,
    })
    if (unsent.length === 0) return
    const jobs = unsent.map(({ id }) => ({
      name: 'send',
      data: { mailId: id } satisfies MailJob,
      id,
      attempts: ATTEMPTS,
      backoffMs: BACKOFF_MS,
    }))
    await this.queues.addAll(QUEUES.mails, jobs)
  }

  /** Does nothing if the mail was sent or has failed already. Rejects when it could not be sent. */
  async send(mailId: string): Promise<void> {
    const mail = await this.prisma.mail.findUnique({ where: { id: mailId } })
    if (!mail || mail.sentAt || mail.failedAt) return
    const { recipient, subject, text } = mail
    if (recipient === null || subject === null || text === null) throw new Error(`mail ${mailId} is empty`)
    const kind = mail.kind as MailKind
    const files = () => this.files.of(kind, mail.about)
    const attempt = () => this.sender.send(mailId, { kind, recipient, subject, text }, files)
    const isSent = await this.slowDomains.run(recipient, attempt).catch(async (error: unknown) => {
      await this.queueBehindOthers(mailId)
      throw error
    })
    if (!isSent) {
      if (mail.attemptedAt === null) await this.queueBehindOthers(mailId)
      throw new RetryLaterError(new Date(this.clock.now().getTime() + SLOW_RETRY_MS), 'its domain is slow')
    }
    const erased = { sentAt: this.clock.now(), recipient: null, subject: null, text: null }
    await this.prisma.mail.update({ where: { id: mailId }, data: erased })
    this.mails.inc({ kind, result: 'sent' })
  }

  /** By the order of `queueUnsent`. */
  private async queueBehindOthers(mailId: string): Promise<void> {
    await this.prisma.mail.updateMany({ where: { id: mailId }, data: { attemptedAt: this.clock.now() } })
  }

  private async markFailed(mailId: string, error: Error): Promise<void> {
    const failure = withoutAddresses(singleLine(error.message, MAX_FAILURE_LENGTH))
    const erased = { failedAt: this.clock.now(), failure, recipient: null, subject: null, text: null }
    const where = { id: mailId, sentAt: null, failedAt: null }
    const failed = await this.prisma.mail.updateManyAndReturn({ where, data: erased, select: { kind: true } })
    for (const { kind } of failed) {
      this.mails.inc({ kind, result: 'failed' })
      this.logger.error({ mailId, kind }, 'mail delivery failed; retries are exhausted')
    }
  }
}

/** Mail servers repeat the address that they refuse. */
function withoutAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"]*@[^\s<>"]*/g, '[address]')
}

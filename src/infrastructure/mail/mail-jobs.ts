import { InjectQueue } from '@nestjs/bullmq'
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Queue } from 'bullmq'
import { Clock } from '../clock.js'
import { Metrics } from '../metrics/metrics.js'
import { PrismaService } from '../prisma/prisma.service.js'
import { QUEUES } from '../queues/queue-names.js'
import { Workers } from '../queues/workers.js'
import { repeatEvery, type Repeating } from '../repeat.js'
import type { MailKind } from './mail-outbox.js'
import { MailSender } from './mail-sender.js'

interface MailJob {
  mailId: string
}

const LOOK_EVERY_MS = 1_000
const BATCH = 500
const AT_ONCE = 4
/** Over two hours. */
const ATTEMPTS = 12
const BACKOFF = { type: 'exponential', delay: 2_000 } as const

/**
 * Sends what is in the outbox, each mail once; after a crash in the moment of sending perhaps twice, never not at all.
 * What a queue lost is found again in the outbox.
 */
@Injectable()
export class MailJobs implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Mail')
  private readonly mails
  private repeating: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly workers: Workers,
    private readonly sender: MailSender,
    private readonly clock: Clock,
    metrics: Metrics,
    @InjectQueue(QUEUES.mails) private readonly queue: Queue<MailJob>,
  ) {
    this.mails = metrics.counter('mails_total', 'Mails by outcome', ['kind', 'result'])
  }

  start(): void {
    this.workers.start<MailJob>({
      queue: QUEUES.mails,
      concurrency: AT_ONCE,
      handle: ({ mailId }) => this.send(mailId),
      onExhausted: ({ mailId }) => this.giveUp(mailId),
    })
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'the outbox waits for Redis or PostgreSQL')
    this.repeating = repeatEvery(LOOK_EVERY_MS, () => this.queueUnsent(), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  /** Adding what is queued already changes nothing. */
  async queueUnsent(): Promise<void> {
    const unsent = await this.prisma.mail.findMany({
      where: { sentAt: null, failedAt: null },
      orderBy: { createdAt: 'asc' },
      select: { id: true },
      take: BATCH,
    })
    if (unsent.length === 0) return
    const jobs = unsent.map(({ id }) => ({
      name: 'send',
      data: { mailId: id },
      opts: { jobId: id, attempts: ATTEMPTS, backoff: BACKOFF },
    }))
    await this.queue.addBulk(jobs)
  }

  /** Does nothing for one that was sent before. Rejects when it could not be sent. */
  async send(mailId: string): Promise<void> {
    const mail = await this.prisma.mail.findUnique({ where: { id: mailId } })
    if (!mail || mail.sentAt || mail.failedAt) return
    const { recipient, subject, text } = mail
    if (recipient === null || subject === null || text === null) throw new Error(`mail ${mailId} is empty`)
    const kind = mail.kind as MailKind
    await this.sender.send(mailId, { kind, recipient, subject, text })
    const spent = { sentAt: this.clock.now(), recipient: null, subject: null, text: null }
    await this.prisma.mail.update({ where: { id: mailId }, data: spent })
    this.mails.inc({ kind, result: 'sent' })
  }

  private async giveUp(mailId: string): Promise<void> {
    const spent = { failedAt: this.clock.now(), recipient: null, subject: null, text: null }
    const { kind } = await this.prisma.mail.update({ where: { id: mailId }, data: spent })
    this.mails.inc({ kind, result: 'failed' })
    this.logger.error({ mailId, kind }, 'a mail could not be sent')
  }
}

import { Injectable, Logger } from '@nestjs/common'
import type { NotificationMessage, NotificationTarget } from '../../generated/prisma/client.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { toSingleLine } from '../../infrastructure/error-text.js'
import { ItemRounds } from '../../infrastructure/item-rounds.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { Grouping } from '../collection/grouping.js'
import { TARGET_KINDS, type TargetKind } from '../kinds.js'
import { stored, type MessageContent } from '../message.js'
import { MAX_TARGETS } from '../targets/target-commands.js'
import { TargetSecretsStore } from '../targets/target-secrets.js'
import { AlertMessages } from './alert-messages.js'
import { ATTEMPT_MS, MessageSender, NotAccepted } from './message-sender.js'

const INTERVAL_MS = 500
/** How long a round waits for a target. After that the target continues on its own, so that a slow one delays no other. */
const ROUND_MS = 500
/** The lease of a target, longer than an attempt takes: if its process is killed, another one sends to it after that. */
const BUSY_MS = ATTEMPT_MS + 5_000
const MAX_PER_MINUTE = 20
const MINUTE_MS = 60_000
const MAX_ATTEMPTS = 12
const MAX_AGE_MS = 6 * 3_600_000
const FIRST_PAUSE_MS = 2_000
const MAX_PAUSE_MS = 600_000
const MAX_ERROR_LENGTH = 300
const ROUND_BACKOFF = { initialMs: 1_000, maxMs: 30_000 }

const UNSENT = { sentAt: null, failedAt: null } as const

/**
 * Sends the outbox, each target on its own and by one process at a time. A message is recorded as sent after it was: a crash
 * in between repeats it with the same id, and loses none. Needs PostgreSQL only, so that messages are sent without Redis.
 */
@Injectable()
export class Delivery {
  private readonly logger = new Logger('Notification')
  private readonly rounds: ItemRounds
  private readonly messages

  constructor(
    private readonly prisma: PrismaService,
    private readonly sender: MessageSender,
    private readonly secrets: TargetSecretsStore,
    private readonly alertMessages: AlertMessages,
    private readonly grouping: Grouping,
    private readonly clock: Clock,
    timers: Timers,
    metrics: Metrics,
  ) {
    this.messages = metrics.counter('notifications_total', 'Messages to notification targets by outcome', [
      'kind',
      'result',
    ])
    // From zero, so that the first failure of a kind counts as an increase.
    for (const kind of TARGET_KINDS) this.messages.inc({ kind, result: 'failed' }, 0)
    this.rounds = new ItemRounds({
      concurrency: MAX_TARGETS,
      deadlineMs: ROUND_MS,
      backoff: ROUND_BACKOFF,
      clock,
      timers,
      work: (targetId) => this.sendTo(targetId),
      onFailure: (targetId, error) => this.logger.warn({ err: error, targetId }, 'sending failed; will retry'),
    })
  }

  @Periodic({ name: 'notification delivery', every: INTERVAL_MS })
  async deliver(): Promise<void> {
    const now = this.clock.now()
    const due = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT t.id FROM notification_targets t
      WHERE t.next_attempt_at <= ${now} AND (t.busy_until IS NULL OR t.busy_until <= ${now}) AND EXISTS (
        SELECT 1 FROM notification_messages m
        WHERE m.target_id = t.id AND m.sent_at IS NULL AND m.failed_at IS NULL AND m.due_at <= ${now})
      ORDER BY t.id`
    await this.rounds.round(due.map(({ id }) => id))
  }

  /** Until one message is not accepted, none is due, or as many were sent as a minute allows. */
  private async sendTo(targetId: string): Promise<void> {
    let hasMore = true
    while (hasMore) {
      const claimed = await this.claim(targetId)
      if (!claimed) return
      hasMore = await this.sendNext(claimed)
      // Unless the claim has expired, and another process has it.
      const where = { id: targetId, busyUntil: claimed.busyUntil }
      await this.prisma.notificationTarget.updateMany({ where, data: { busyUntil: null } })
    }
  }

  /** Null: another process sends to it, it is in a pause, or it was removed. */
  private async claim(id: string): Promise<NotificationTarget | null> {
    const now = this.clock.now()
    const where = { id, nextAttemptAt: { lte: now }, OR: [{ busyUntil: null }, { busyUntil: { lte: now } }] }
    const data = { busyUntil: new Date(now.getTime() + BUSY_MS) }
    const [claimed] = await this.prisma.notificationTarget.updateManyAndReturn({ where, data })
    return claimed ?? null
  }

  /** False: nothing further is sent now. */
  private async sendNext(target: NotificationTarget): Promise<boolean> {
    const now = this.clock.now()
    await this.expire(target, now)
    const next = await this.prisma.notificationMessage.findFirst({
      where: { targetId: target.id, ...UNSENT, dueAt: { lte: now } },
      orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
    })
    if (!next || (await this.pauseWhenLimited(target, now))) return false
    if (await this.grouping.defer(next)) return true
    const message = await this.prepare(next)
    return message === null || this.attempt(target, message)
  }

  /** After a long failure a target gets what is of use still. */
  private async expire({ id, kind }: NotificationTarget, now: Date): Promise<void> {
    const { count } = await this.prisma.notificationMessage.updateMany({
      where: { targetId: id, ...UNSENT, createdAt: { lt: new Date(now.getTime() - MAX_AGE_MS) } },
      data: { failedAt: now, failure: 'it was not accepted in time' },
    })
    if (count > 0) this.messages.inc({ kind, result: 'failed' }, count)
  }

  private async pauseWhenLimited({ id }: NotificationTarget, now: Date): Promise<boolean> {
    const sent = await this.prisma.notificationMessage.findMany({
      where: { targetId: id, sentAt: { gt: new Date(now.getTime() - MINUTE_MS) } },
      orderBy: { sentAt: 'asc' },
      select: { sentAt: true },
    })
    const oldest = sent[0]?.sentAt
    if (!oldest || sent.length < MAX_PER_MINUTE) return false
    const nextAttemptAt = new Date(oldest.getTime() + MINUTE_MS)
    await this.prisma.notificationTarget.updateMany({ where: { id }, data: { nextAttemptAt } })
    return true
  }

  /** With its content, which is the same in each attempt; null: there is nothing to notify any more. */
  private async prepare({ id }: NotificationMessage): Promise<NotificationMessage | null> {
    // From here on no alert is added to it.
    const [message] = await this.prisma.notificationMessage.updateManyAndReturn({
      where: { id, ...UNSENT },
      data: { attempts: { increment: 1 } },
    })
    if (!message || message.content !== null) return message ?? null
    const content = await this.alertMessages.compose(message)
    if (content) return this.prisma.notificationMessage.update({ where: { id }, data: { content: stored(content) } })
    await this.prisma.notificationMessage.deleteMany({ where: { id } })
    return null
  }

  private async attempt(target: NotificationTarget, message: NotificationMessage): Promise<boolean> {
    const { id, content, createdAt: at } = message
    const kind = target.kind as TargetKind
    try {
      const secrets = await this.secrets.read(target.id)
      await this.sender.send(kind, secrets, { id, at, ...(content as unknown as MessageContent) })
    } catch (error) {
      await this.recordFailure(target, message, error)
      return false
    }
    const sentAt = this.clock.now()
    await this.prisma.$transaction([
      this.prisma.notificationMessage.updateMany({ where: { id }, data: { sentAt } }),
      this.prisma.notificationTarget.updateMany({
        where: { id: target.id },
        data: { lastSuccessAt: sentAt, failures: 0 },
      }),
    ])
    this.messages.inc({ kind, result: 'sent' })
    return true
  }

  private async recordFailure(target: NotificationTarget, message: NotificationMessage, error: unknown): Promise<void> {
    const now = this.clock.now()
    const failure = failureOf(error)
    const failures = target.failures + 1
    const requested = error instanceof NotAccepted ? (error.retryAfterMs ?? 0) : 0
    const pauseMs = Math.max(requested, Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20), MAX_PAUSE_MS))
    const isLast = message.attempts >= MAX_ATTEMPTS
    await this.prisma.$transaction([
      this.prisma.notificationMessage.updateMany({
        where: { id: message.id },
        data: { failure, ...(isLast && { failedAt: now }) },
      }),
      this.prisma.notificationTarget.updateMany({
        where: { id: target.id, shownTarget: target.shownTarget },
        data: {
          failures,
          lastErrorAt: now,
          lastError: failure,
          nextAttemptAt: new Date(now.getTime() + pauseMs),
        },
      }),
    ])
    if (!isLast) return
    this.messages.inc({ kind: target.kind, result: 'failed' })
    this.logger.error(
      { targetId: target.id, messageId: message.id, failure },
      'notification failed; no further attempt',
    )
  }
}

/** Without the stack; names of errors are of use to developers only. */
function failureOf(error: unknown): string {
  return toSingleLine(error instanceof Error ? error.message : error, MAX_ERROR_LENGTH)
}

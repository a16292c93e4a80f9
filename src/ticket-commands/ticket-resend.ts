import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { NotFound, RateLimited, StateConflict } from '../domain/errors.js'
import { MailOutbox, type MailToSend } from '../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction, type Transaction } from '../infrastructure/prisma/transaction.js'
import { Clock } from '../infrastructure/time/clock.js'
import { MailComposer } from '../mails/mail-composer.js'
import type { ResentDto } from './ticket-commands.dto.js'

const ACTION = 'order.tickets.resend'
const WINDOW_MS = 3_600_000
/** Per order in an hour, by customers and staff together. */
const MAX_RESENT = 3

/** Sends tickets of direct orders again, to who has them. */
@Injectable()
export class TicketResend {
  constructor(
    private readonly prisma: PrismaService,
    private readonly composer: MailComposer,
    private readonly outbox: MailOutbox,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound, also for the order of another customer; StateConflict, NotComposable; RateLimited. */
  async resend(orderId: string, user: AuthenticatedUser): Promise<ResentDto> {
    const order = await this.prisma.order.findUnique({
      where: { id: orderId },
      select: { platform: true, state: true, hold: { select: { accountId: true } } },
    })
    if (!order || (!isStaff(user) && order.hold?.accountId !== user.id)) throw new NotFound('There is no such order.')
    if (order.platform !== 'DIRECT') throw new StateConflict('The platform that sold these tickets sends them.')
    if (order.state === 'CANCELLED') throw new StateConflict('The order is cancelled.')
    const mails = await this.mailsOf(orderId, isStaff(user))
    return this.prisma.$transaction(async (client) => {
      await this.assertWithinLimit(client, orderId)
      const transaction = new PrismaTransaction(client)
      await this.outbox.put(transaction, mails)
      await this.audit.record(user.id, ACTION, orderId, null, { mails: mails.length }, transaction)
      return { orderId, mails: mails.length }
    })
  }

  /** `toOthers`: also to those who were given tickets of it. */
  private async mailsOf(orderId: string, toOthers: boolean): Promise<MailToSend[]> {
    const valid = { orderId, state: 'VALID' } as const
    const [own, given] = await Promise.all([
      this.prisma.ticket.count({ where: { ...valid, transferredAt: null } }),
      this.prisma.ticket.findMany({
        where: { ...valid, transferredAt: { not: null } },
        select: { transfers: { orderBy: { transferredAt: 'desc' }, take: 1, select: { id: true } } },
        orderBy: { id: 'asc' },
      }),
    ])
    const transferIds = toOthers ? given.flatMap(({ transfers }) => transfers.map(({ id }) => id)) : []
    if (own === 0 && transferIds.length === 0) throw new StateConflict('Others have all tickets of the order.')
    const sources = [
      ...(own > 0 ? [['TICKETS', orderId] as const] : []),
      ...transferIds.map((id) => ['TICKET_RECEIVED', id] as const),
    ]
    const mails: MailToSend[] = []
    for (const [kind, about] of sources) mails.push({ ...(await this.composer.compose(kind, about)), about })
    return mails
  }

  /** Counted in the audit log, under a lock of the order. */
  private async assertWithinLimit(client: Transaction, orderId: string): Promise<void> {
    await client.$queryRaw`SELECT 1 FROM orders WHERE id = ${orderId} FOR UPDATE`
    const now = this.clock.now()
    const recent = await client.auditEntry.findMany({
      where: { subject: orderId, action: ACTION, at: { gt: new Date(now.getTime() - WINDOW_MS) } },
      select: { at: true },
      orderBy: { id: 'desc' },
      take: MAX_RESENT,
    })
    const oldestCounted = recent[MAX_RESENT - 1]?.at
    if (!oldestCounted) return
    const retryAfterSeconds = Math.max(1, Math.ceil((oldestCounted.getTime() + WINDOW_MS - now.getTime()) / 1_000))
    throw new RateLimited(`The tickets were sent ${MAX_RESENT} times in an hour. Try again later.`, {
      retryAfterSeconds,
    })
  }
}

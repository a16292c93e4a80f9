import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { normalizeEmail } from '../accounts/unique-email.js'
import { NotFound, StateConflict, ValidationFailed } from '../domain/errors.js'
import { endOf } from '../domain/events/event-state.js'
import { sortKey } from '../domain/people/name-key.js'
import { DOOR_LOCK_TIMEOUT_MS, doorLock } from '../door/door-lock.js'
import type { Prisma } from '../generated/prisma/client.js'
import { Config } from '../infrastructure/config/config.js'
import { newId } from '../infrastructure/ids.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { clientOf } from '../infrastructure/prisma/transaction.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Transactions } from '../infrastructure/transactions.js'
import { newTicketCode } from '../tickets/direct-orders.js'
import { owns } from '../tickets/ticket-ownership.js'
import type { TicketOwner } from '../tickets/ticket-store.js'
import { givenMails, receivedMail } from '../tickets/transfer-mails.js'
import type { TransferBody, TransferDto } from './ticket-commands.dto.js'
import { assertWithinLimits, limitLocks } from './transfer-limits.js'

const OWNED = {
  event: true,
  checkIn: { select: { ticketId: true } },
  order: { select: { hold: { select: { accountId: true } } } },
} as const
type TicketRow = Prisma.TicketGetPayload<{ include: typeof OWNED }>

/** `email`: in lower case. */
type NewHolder = Record<'name' | 'email', string>

/** Who gives the ticket. `reason`: null for a customer. */
interface Giver {
  user: AuthenticatedUser
  reason: string | null
  now: Date
}

/** Gives a direct ticket to another person: the stock, the order and the payment stay as they are. */
@Injectable()
export class TicketTransfer {
  constructor(
    private readonly prisma: PrismaService,
    private readonly transactions: Transactions,
    private readonly outbox: MailOutbox,
    private readonly audit: AuditService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Idempotent for the same new holder. Throws NotFound, also for the ticket of others; ValidationFailed without the reason
   * of staff; RateLimited; StateConflict for a ticket that cannot be given to others any more, or was at the same time.
   */
  async transfer(id: string, body: TransferBody, user: AuthenticatedUser): Promise<TransferDto> {
    const before = await this.find(id, user)
    const reason = body.reason ?? null
    if (isStaff(user) && reason === null) throw ValidationFailed.of('reason', 'is required of staff')
    const holder = { name: body.name.trim(), email: normalizeEmail(body.email) }
    return this.transactions.run(async (transaction) => {
      const ticket = await this.locked(transaction, before, holder, user)
      if (ticket.holderName === holder.name && ticket.holderEmail?.toLowerCase() === holder.email) return toDto(ticket)
      const now = this.clock.now()
      assertTransferable(ticket, before.code, user, now)
      if (!isStaff(user)) await assertWithinLimits(clientOf(transaction), user.id, holder.email, now)
      return toDto(await this.give(transaction, ticket, holder, { user, reason, now }))
    })
  }

  /** For staff, for who has the ticket, and for who had it, whose request may be a repetition. */
  private async find(id: string, user: AuthenticatedUser): Promise<TicketRow> {
    const byUser = { where: { byId: user.id }, select: { id: true }, take: 1 }
    const ticket = await this.prisma.ticket.findUnique({ where: { id }, include: { ...OWNED, transfers: byUser } })
    const hadIt = (row: TicketRow) => row.order.hold?.accountId === user.id || owns(user, ownerOf(row))
    if (!ticket || !(isStaff(user) || hadIt(ticket) || ticket.transfers.length > 0)) {
      throw new NotFound('There is no such ticket.')
    }
    return ticket
  }

  /** The ticket as it is now. Check-ins of the event wait until the transaction ends, and so does a cancellation of the order. */
  private async locked(
    transaction: DatabaseTransaction,
    before: TicketRow,
    { email }: NewHolder,
    user: AuthenticatedUser,
  ): Promise<TicketRow> {
    const { id, eventId } = before
    const client = clientOf(transaction)
    const locks = [doorLock(eventId), ...(isStaff(user) ? [] : limitLocks(user.id, email))]
    await this.transactions.lock(transaction, locks, DOOR_LOCK_TIMEOUT_MS)
    await client.$queryRaw`SELECT 1 FROM tickets WHERE id = ${id} FOR UPDATE`
    const ticket = await client.ticket.findUniqueOrThrow({ where: { id } })
    const checkIn = await client.checkIn.findUnique({ where: { ticketId: id }, select: { ticketId: true } })
    return { ...before, ...ticket, checkIn }
  }

  private async give(
    transaction: DatabaseTransaction,
    ticket: TicketRow,
    { name: holderName, email: holderEmail }: NewHolder,
    { user, reason, now }: Giver,
  ): Promise<TicketRow> {
    const { id, seat, event, code: revokedCode } = ticket
    if (revokedCode === null) throw new Error(`ticket ${id} has no code`)
    const client = clientOf(transaction)
    // Later than the one before: by its time the latest transfer of a ticket is known.
    const transferredAt = new Date(Math.max(now.getTime(), (ticket.transferredAt?.getTime() ?? 0) + 1))
    const [transferId, code] = [newId('trf'), newTicketCode()]
    const holder = { holderName, holderEmail, holderKey: sortKey(holderName), holderErasedAt: null }
    const data = { ...holder, code, transferredAt }
    const given = await client.ticket.update({ where: { id }, data })
    await client.ticketTransfer.create({
      data: { id: transferId, ticketId: id, revokedCode, byId: user.id, transferredAt },
    })
    const { publicUrl } = this.config.http
    const former = { name: ticket.holderName, email: ticket.holderEmail }
    await this.outbox.put(transaction, [
      receivedMail(event, { transferId, seat, code, holderName, holderEmail }, publicUrl),
      ...givenMails(event, transferId, former, seat, holderEmail),
    ])
    // Without names: the audit log is not erased.
    await this.audit.record(user.id, 'ticket.transfer', id, null, { transferId, reason }, transaction)
    return { ...ticket, ...given }
  }
}

function assertTransferable(ticket: TicketRow, codeBefore: string | null, user: AuthenticatedUser, now: Date): void {
  if (ticket.code === null) throw new StateConflict('This ticket was sold on a platform: transfer it there.')
  const isOwn = isStaff(user) || owns(user, ownerOf(ticket))
  if (!isOwn || ticket.code !== codeBefore) throw new StateConflict('The ticket was transferred to another person.')
  if (ticket.state !== 'VALID') throw new StateConflict('The ticket is cancelled.')
  if (ticket.checkIn) throw new StateConflict('The ticket is checked in.')
  if (endOf(ticket.event) <= now) throw new StateConflict('The event is over.')
}

function ownerOf({ transferredAt, holderEmail, order }: TicketRow): TicketOwner {
  return transferredAt === null
    ? { accountId: order.hold?.accountId ?? null, transferredTo: null }
    : { accountId: null, transferredTo: holderEmail }
}

function toDto({ id, orderId, eventId, holderName, holderEmail, transferredAt }: TicketRow): TransferDto {
  const at = transferredAt?.toISOString() ?? null
  return { id, orderId, eventId, name: holderName, email: holderEmail, transferredAt: at }
}

import { Injectable } from '@nestjs/common'
import { StateConflict } from '../../domain/errors.js'
import { newId } from '../../infrastructure/ids.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { AuditService } from '../audit.service.js'
import { normalizeEmail } from '../unique-email.js'
import { erasePerson, platformsOf, reasonToKeep } from './erasure.js'
import type { ErasureReceiptDto, PersonAttendanceDto, PersonDto } from './people.dto.js'

const MAX_ROWS = 10_000

/** What is stored about a person, who is identified by an e-mail address. */
@Injectable()
export class PeopleService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Everything about this person; empty lists for an unknown one. */
  async export(address: string): Promise<PersonDto> {
    const email = normalizeEmail(address)
    const equals = { equals: email, mode: 'insensitive' } as const
    const user = await this.prisma.user.findUnique({ where: { email }, include: { sessions: { take: MAX_ROWS } } })
    const orders = await this.prisma.order.findMany({
      where: { buyerEmail: equals },
      include: { tickets: { select: { id: true, seat: true, state: true } } },
      orderBy: { id: 'asc' },
      take: MAX_ROWS,
    })
    const attendances = await this.attendances(equals)
    const page = { orderBy: { id: 'asc' }, take: MAX_ROWS } as const
    const payments = await this.prisma.payment.findMany({ where: { buyerEmail: equals }, ...page })
    const entries = await this.prisma.waitlistEntry.findMany({ where: { email: equals }, ...page })
    return {
      email,
      account: user && {
        id: user.id,
        name: user.name,
        role: user.role,
        active: user.active,
        createdAt: user.createdAt.toISOString(),
      },
      sessions: (user?.sessions ?? []).map(({ ip, userAgent, createdAt, lastSeenAt }) => ({
        ip,
        userAgent,
        createdAt: createdAt.toISOString(),
        lastSeenAt: lastSeenAt.toISOString(),
      })),
      orders: orders.map(({ id, eventId, platform, externalOrderId, state, buyerName, placedAt, tickets }) => ({
        id,
        eventId,
        platform,
        externalOrderId,
        state,
        name: buyerName,
        placedAt: placedAt?.toISOString() ?? null,
        tickets,
      })),
      attendances,
      payments: payments.map(({ id, eventId, state, amount, currency, buyerName, createdAt }) => ({
        id,
        eventId,
        state,
        amount: Number(amount),
        currency,
        name: buyerName,
        createdAt: createdAt.toISOString(),
      })),
      waitlistEntries: entries.map(({ id, eventId, state, name, quantity, createdAt }) => ({
        id,
        eventId,
        state,
        name,
        quantity,
        createdAt: createdAt.toISOString(),
      })),
    }
  }

  private async attendances(holderEmail: { equals: string; mode: 'insensitive' }): Promise<PersonAttendanceDto[]> {
    const tickets = await this.prisma.ticket.findMany({
      where: { holderEmail },
      include: { checkIn: { select: { checkedInAt: true } } },
      orderBy: { id: 'asc' },
      take: MAX_ROWS,
    })
    return tickets.map((ticket) => ({
      ticketId: ticket.id,
      eventId: ticket.eventId,
      platform: ticket.platform,
      state: ticket.state,
      name: ticket.holderName,
      ticketType: ticket.ticketType,
      code: ticket.code ?? ticket.externalCode,
      checkedInAt: ticket.checkIn?.checkedInAt.toISOString() ?? null,
      checkedInOnPlatformAt: ticket.externalCheckedInAt?.toISOString() ?? null,
    }))
  }

  /**
   * Erases a person from everything that can be changed, in one transaction. Idempotent: a second call finds nothing.
   * Throws StateConflict for the address of a staff account, and while a payment, an offer or a hold is open.
   */
  async erase(address: string, byId: string): Promise<ErasureReceiptDto> {
    const email = normalizeEmail(address)
    const at = this.clock.now()
    const id = newId('era')
    return this.prisma.$transaction(async (client) => {
      const user = await client.user.findUnique({ where: { email }, select: { role: true } })
      if (user && user.role !== 'CUSTOMER') {
        throw new StateConflict('This is the address of a staff account: change that account first.')
      }
      const reason = await reasonToKeep(client, email)
      if (reason !== null) throw new StateConflict(reason)
      const platforms = await platformsOf(client, email)
      const erased = await erasePerson(client, email, at)
      await this.audit.record(byId, 'person.erase', id, null, { ...erased, platforms }, new PrismaTransaction(client))
      return { id, erasedAt: at.toISOString(), erased, platforms }
    })
  }
}

import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { TicketStore, type AccountTicket, type CheckedTicket, type TicketOwner } from '../../../tickets/ticket-store.js'

const OWNED = {
  holderEmail: true,
  transferredAt: true,
  order: { select: { hold: { select: { accountId: true } } } },
} as const
const CHECKED = { code: true, state: true } as const
const SHOWN = { id: true, orderId: true, eventId: true, seat: true, createdAt: true } as const

interface OwnedRow {
  holderEmail: string | null
  transferredAt: Date | null
  order: { hold: { accountId: string | null } | null }
}

export class PrismaTicketStore extends TicketStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async find(id: string): Promise<(CheckedTicket & TicketOwner) | null> {
    const ticket = await this.prisma.ticket.findUnique({ where: { id }, select: { ...CHECKED, ...OWNED } })
    return ticket && { code: ticket.code, state: ticket.state, ...ownerOf(ticket) }
  }

  async findByCode(code: string): Promise<CheckedTicket | null> {
    const ticket = await this.prisma.ticket.findUnique({ where: { code }, select: CHECKED })
    if (ticket) return ticket
    const revoked = await this.prisma.ticketTransfer.findUnique({ where: { revokedCode: code }, select: { id: true } })
    return revoked && { code, state: 'TRANSFERRED' }
  }

  /** Two queries, each by an index of its own. */
  async ofAccount(
    { id: accountId, email }: { id: string; email: string | null },
    before: string | undefined,
    limit: number,
  ): Promise<AccountTicket[]> {
    const bought = this.newest({ order: { hold: { accountId } } }, before, limit)
    const given = email === null ? [] : this.newest({ holderEmail: email, transferredAt: { not: null } }, before, limit)
    const byId = new Map([...(await bought), ...(await given)].map((ticket) => [ticket.id, ticket]))
    return [...byId.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit)
  }

  private async newest(
    where: Prisma.TicketWhereInput,
    before: string | undefined,
    limit: number,
  ): Promise<AccountTicket[]> {
    const rows = await this.prisma.ticket.findMany({
      where: { ...where, ...(before === undefined ? {} : { id: { lt: before } }) },
      select: { ...CHECKED, ...SHOWN, ...OWNED, event: { select: { name: true, startsAt: true } } },
      orderBy: { id: 'desc' },
      take: limit,
    })
    return rows.map(({ event, order, holderEmail, ...ticket }) => ({
      ...ticket,
      ...ownerOf({ order, holderEmail, transferredAt: ticket.transferredAt }),
      eventName: event.name,
      startsAt: event.startsAt,
    }))
  }
}

function ownerOf({ holderEmail, transferredAt, order }: OwnedRow): TicketOwner {
  return transferredAt === null
    ? { accountId: order.hold?.accountId ?? null, transferredTo: null }
    : { accountId: null, transferredTo: holderEmail }
}

import type { PrismaClient } from '../../../generated/prisma/client.js'
import { TicketStore, type BoughtTicket, type CheckedTicket } from '../../../tickets/ticket-store.js'

const CHECKED = { code: true, state: true } as const
const SHOWN = { id: true, orderId: true, eventId: true, seat: true, createdAt: true } as const

export class PrismaTicketStore extends TicketStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async find(id: string): Promise<(CheckedTicket & { accountId: string | null }) | null> {
    const ticket = await this.prisma.ticket.findUnique({
      where: { id },
      select: { ...CHECKED, order: { select: { hold: { select: { accountId: true } } } } },
    })
    return ticket && { code: ticket.code, state: ticket.state, accountId: ticket.order.hold?.accountId ?? null }
  }

  findByCode(code: string): Promise<CheckedTicket | null> {
    return this.prisma.ticket.findUnique({ where: { code }, select: CHECKED })
  }

  async boughtBy(accountId: string, before: string | undefined, limit: number): Promise<BoughtTicket[]> {
    const rows = await this.prisma.ticket.findMany({
      where: { order: { hold: { accountId } }, ...(before === undefined ? {} : { id: { lt: before } }) },
      select: { ...CHECKED, ...SHOWN, event: { select: { name: true, startsAt: true } } },
      orderBy: { id: 'desc' },
      take: limit,
    })
    return rows.map(({ event, ...ticket }) => ({ ...ticket, eventName: event.name, startsAt: event.startsAt }))
  }
}

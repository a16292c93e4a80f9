import type { PrismaClient } from '../../../generated/prisma/client.js'
import { TicketStore, type CheckedTicket } from '../../../tickets/ticket-store.js'

const CHECKED = { code: true, state: true } as const

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
}

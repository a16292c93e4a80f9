import { Injectable } from '@nestjs/common'
import type { Event, Ticket } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'

/** The tickets that mails about transfers are about. */
@Injectable()
export class CurrentTransfers {
  constructor(private readonly prisma: PrismaService) {}

  /** REPLACED: another person has the ticket by now. Null: unknown. */
  async find(transferId: string): Promise<(Ticket & { event: Event }) | 'REPLACED' | null> {
    const transfer = await this.prisma.ticketTransfer.findUnique({
      where: { id: transferId },
      include: { ticket: { include: { event: true } } },
    })
    if (!transfer) return null
    const isLatest = transfer.transferredAt.getTime() === transfer.ticket.transferredAt?.getTime()
    return isLatest ? transfer.ticket : 'REPLACED'
  }
}

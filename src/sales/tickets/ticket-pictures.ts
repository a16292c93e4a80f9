import { Injectable } from '@nestjs/common'
import QRCode from 'qrcode'
import { isStaff, type AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { NotFound, StateConflict } from '../../domain/errors.js'
import type { Ticket } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'

const MARGIN_MODULES = 4
const PNG_WIDTH = 480
/** Readable from a scratched screen. */
const CORRECTION = 'M'

/** Tickets of the direct channel as pictures of their codes, for the door to scan. */
@Injectable()
export class TicketPictures {
  constructor(private readonly prisma: PrismaService) {}

  /** For who bought it, and for staff. Throws NotFound for others; StateConflict when it is not good any more. */
  async codeOf(id: string, account: AuthenticatedUser): Promise<string> {
    const ticket = await this.prisma.ticket.findUnique({
      where: { id },
      include: { order: { include: { hold: { select: { accountId: true } } } } },
    })
    const ownerId = ticket?.order.hold?.accountId ?? null
    if (!isStaff(account) && account.id !== ownerId) throw noTicket()
    return validCode(ticket)
  }

  /** Whoever has the code has the ticket. Throws as `codeOf`. */
  async check(code: string): Promise<string> {
    return validCode(await this.prisma.ticket.findUnique({ where: { code } }))
  }

  svg(code: string): Promise<string> {
    return QRCode.toString(code, { type: 'svg', margin: MARGIN_MODULES, errorCorrectionLevel: CORRECTION })
  }

  png(code: string): Promise<Buffer> {
    return QRCode.toBuffer(code, { margin: MARGIN_MODULES, width: PNG_WIDTH, errorCorrectionLevel: CORRECTION })
  }
}

function validCode(ticket: Pick<Ticket, 'code' | 'state'> | null): string {
  if (!ticket || ticket.code === null) throw noTicket()
  if (ticket.state !== 'VALID') throw new StateConflict('The ticket is cancelled.')
  return ticket.code
}

function noTicket(): NotFound {
  return new NotFound('There is no such ticket.')
}

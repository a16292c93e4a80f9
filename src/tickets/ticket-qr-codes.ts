import { Injectable } from '@nestjs/common'
import QRCode from 'qrcode'
import { isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { NotFound, StateConflict } from '../domain/errors.js'
import { TRANSFERRED } from '../domain/people/transferred.js'
import { owns } from './ticket-ownership.js'
import { TicketStore, type CheckedTicket } from './ticket-store.js'

const MARGIN_MODULES = 4
const PNG_WIDTH = 480
/** Error correction level: readable from a scratched screen. */
const CORRECTION = 'M'

/** QR codes of direct tickets, scanned at the door. */
@Injectable()
export class TicketQrCodes {
  constructor(private readonly tickets: TicketStore) {}

  /** For who has the ticket and for staff. Throws NotFound for other users; StateConflict when it is cancelled. */
  async codeFor(id: string, user: AuthenticatedUser): Promise<string> {
    const ticket = await this.tickets.find(id)
    if (!ticket || (!isStaff(user) && !owns(user, ticket))) throw ticketNotFound()
    return validCode(ticket)
  }

  /** The code itself is the authorization. Throws as `codeFor`, and StateConflict for the code before a transfer. */
  async validate(code: string): Promise<string> {
    return validCode(await this.tickets.findByCode(code))
  }

  svg(code: string): Promise<string> {
    return QRCode.toString(code, { type: 'svg', margin: MARGIN_MODULES, errorCorrectionLevel: CORRECTION })
  }

  png(code: string): Promise<Buffer> {
    return QRCode.toBuffer(code, { margin: MARGIN_MODULES, width: PNG_WIDTH, errorCorrectionLevel: CORRECTION })
  }
}

/** The squares of the code, for drawing it elsewhere, which adds a margin of four of them. */
export function qrModules(code: string): { size: number; isDark: (row: number, column: number) => boolean } {
  const { modules } = QRCode.create(code, { errorCorrectionLevel: CORRECTION })
  return { size: modules.size, isDark: (row, column) => Boolean(modules.get(row, column)) }
}

function validCode(ticket: CheckedTicket | null): string {
  if (!ticket || ticket.code === null) throw ticketNotFound()
  if (ticket.state === 'TRANSFERRED') throw new StateConflict(TRANSFERRED)
  if (ticket.state !== 'VALID') throw new StateConflict('The ticket is cancelled.')
  return ticket.code
}

function ticketNotFound(): NotFound {
  return new NotFound('There is no such ticket.')
}

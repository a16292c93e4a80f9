import { Injectable, Logger, type OnModuleInit } from '@nestjs/common'
import type { Event } from '../generated/prisma/client.js'
import { Config } from '../infrastructure/config/config.js'
import { MailFiles, type MailFile } from '../infrastructure/mail/mail-files.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { CALENDAR_TYPE, eventCalendar } from '../infrastructure/text/event-calendar.js'
import { Clock } from '../infrastructure/time/clock.js'
import { CurrentTransfers } from './current-transfers.js'
import { MAX_PRINTED, ticketPdf, type PrintedTicket } from '../tickets/ticket-pdf.js'

/** The files of mails with tickets: the tickets as a PDF file, and the event for a calendar. */
@Injectable()
export class TicketFiles implements OnModuleInit {
  private readonly logger = new Logger('Mail')

  constructor(
    private readonly prisma: PrismaService,
    private readonly transfers: CurrentTransfers,
    private readonly files: MailFiles,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.files.provide('TICKETS', (orderId) => this.ofOrder(orderId))
    this.files.provide('TICKET_RECEIVED', (transferId) => this.ofTransfer(transferId))
  }

  /** Of the valid tickets of the order that the buyer has now: none of a cancelled one. */
  private async ofOrder(orderId: string): Promise<MailFile[]> {
    const where = { state: 'VALID', transferredAt: null } as const
    const order = await this.prisma.order.findUnique({
      where: { id: orderId },
      include: { event: true, tickets: { where, orderBy: { id: 'asc' }, take: MAX_PRINTED } },
    })
    return order ? this.filesOf(order.event, order.tickets) : []
  }

  /** None for a holder who has it no longer. */
  private async ofTransfer(transferId: string): Promise<MailFile[]> {
    const ticket = await this.transfers.find(transferId)
    if (ticket === null || ticket === 'REPLACED' || ticket.state !== 'VALID') return []
    return this.filesOf(ticket.event, [ticket])
  }

  private async filesOf(
    event: Event,
    tickets: readonly (Omit<PrintedTicket, 'code'> & { code: string | null })[],
  ): Promise<MailFile[]> {
    const printed = tickets.flatMap(({ code, ...ticket }) => (code === null ? [] : [{ ...ticket, code }]))
    if (printed.length === 0) return []
    const calendar = eventCalendar(event, this.config.http.publicUrl)
    return [...(await this.pdfOf(event, printed)), { name: 'event.ics', type: CALENDAR_TYPE, content: calendar }]
  }

  /** None if it cannot be drawn: the text has the codes, and a ticket without a file is better than none. */
  private async pdfOf(event: Event, tickets: readonly PrintedTicket[]): Promise<MailFile[]> {
    try {
      const content = await ticketPdf(event, tickets, this.clock.now())
      return [{ name: 'tickets.pdf', type: 'application/pdf', content }]
    } catch (error) {
      this.logger.error(
        { err: error, eventId: event.id },
        'the PDF file of a mail could not be made; it is sent without',
      )
      return []
    }
  }
}

import { Injectable } from '@nestjs/common'
import { DEFAULT_CURRENCY, money } from '../domain/currency.js'
import type { Event } from '../domain/event-record.js'
import { Config } from '../infrastructure/config/config.js'
import { greeting } from '../infrastructure/mail/greeting.js'
import { MailOutbox, type MailToSend } from '../infrastructure/mail/mail-outbox.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import type { IssuedTicket } from './direct-order-store.js'
import type { DirectSale } from './direct-orders.js'
import { eventLine } from '../domain/events/event-line.js'
import { MAX_PRINTED } from './ticket-pdf.js'

/** Tickets with a link to their QR codes in one e-mail, which mail servers would otherwise refuse for its size. */
const MAX_LINKS = MAX_PRINTED

/** Sends tickets of the direct channel to their buyers by e-mail. */
@Injectable()
export class TicketMails {
  constructor(
    private readonly outbox: MailOutbox,
    private readonly config: Config,
  ) {}

  /** Adds the e-mails to the outbox in the transaction of the sales. */
  async enqueue(transaction: DatabaseTransaction, event: Event, sales: readonly DirectSale[]): Promise<void> {
    await this.outbox.put(
      transaction,
      sales.flatMap((sale) => this.mailsOf(event, sale)),
    )
  }

  /** None for a buyer without an address. */
  mailsOf(event: Event, { id, buyer, priceCents, tickets }: DirectSale): MailToSend[] {
    if (buyer.email === null) return []
    // Behind the #, which is not sent to any server: no log contains the code.
    const page = `${this.config.http.publicUrl}/ticket#`
    const listed = tickets.slice(0, MAX_LINKS).map((ticket) => `${lineOf(ticket)}\n  ${page}${ticket.code}`)
    const others = tickets.slice(MAX_LINKS).map(lineOf)
    const text = [
      greeting(buyer.name),
      `You have ${tickets.length === 1 ? 'a ticket' : `${tickets.length} tickets`} for ${eventLine(event)}.`,
      'Please show the code or QR code of each ticket at the door:',
      listed.join('\n'),
      ...(others.length > 0
        ? [`Your other ${others.length}; the QR code of each is at ${page} followed by its code:`, others.join('\n')]
        : []),
      attachedLine(tickets.length),
      ...(priceCents > 0 ? [priceLine(tickets.length, priceCents, event.currency ?? DEFAULT_CURRENCY)] : []),
    ].join('\n\n')
    const subject = `Your tickets for ${event.name}`
    return [{ kind: 'TICKETS', about: id, recipient: buyer.email, subject, text: `${text}\n` }]
  }
}

function lineOf({ seat, code }: IssuedTicket): string {
  return `${seat === undefined ? 'Ticket' : `Seat ${seat}`}  ${code}`
}

function attachedLine(quantity: number): string {
  const printed = quantity > MAX_PRINTED ? `The first ${MAX_PRINTED} are` : quantity > 1 ? 'They are' : 'It is'
  return `${printed} attached as a PDF file, with the event for your calendar.`
}

function priceLine(quantity: number, priceCents: number, currency: string): string {
  return `Price: ${quantity} × ${money(priceCents, currency)} = ${money(priceCents * quantity, currency)}`
}

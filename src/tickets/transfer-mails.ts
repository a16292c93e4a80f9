import type { Event } from '../domain/event-record.js'
import { eventLine } from '../domain/events/event-line.js'
import type { Buyer } from '../domain/orders/order-snapshot.js'
import { greeting } from '../infrastructure/mail/greeting.js'
import type { MailToSend } from '../infrastructure/mail/mail-outbox.js'

/** A direct ticket that was given to another person. */
export interface TransferredTicket {
  transferId: string
  seat: string | null
  code: string
  holderName: string | null
  holderEmail: string
}

/** `publicUrl`: of this service. */
export function receivedMail(event: Event, ticket: TransferredTicket, publicUrl: string): MailToSend {
  const { transferId, seat, code, holderName, holderEmail } = ticket
  const text = [
    greeting(holderName),
    `You have been given a ticket for ${eventLine(event)}.`,
    'Please show this code or its QR code at the door. Who had the ticket before cannot use it any more:',
    // Behind the #, which is not sent to any server: no log contains the code.
    `${seat === null ? 'Ticket' : `Seat ${seat}`}  ${code}\n  ${publicUrl}/ticket#${code}`,
    'It is attached as a PDF file, with the event for your calendar.',
  ].join('\n\n')
  const subject = `A ticket for ${event.name} for you`
  return { kind: 'TICKET_RECEIVED', about: transferId, recipient: holderEmail, subject, text: `${text}\n` }
}

/**
 * To who had the ticket before, if another address has it now. Without the name and address of the new holder, which are not
 * the recipient's.
 */
export function givenMails(
  event: Event,
  transferId: string,
  { name, email }: Buyer,
  seat: string | null,
  newAddress: string,
): MailToSend[] {
  if (email === null || email.toLowerCase() === newAddress) return []
  const text = [
    greeting(name),
    `Your ticket${seat === null ? '' : ` for seat ${seat}`} for ${eventLine(event)} now belongs to another person.`,
    'Its code and its QR code are no longer valid. If this is a mistake, please write to the organizer at once.',
  ].join('\n\n')
  const subject = `Your ticket for ${event.name} was transferred`
  return [{ kind: 'TICKET_GIVEN', about: transferId, recipient: email, subject, text: `${text}\n` }]
}

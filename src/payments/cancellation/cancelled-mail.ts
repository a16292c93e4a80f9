import type { Event } from '../../domain/event-record.js'
import { eventLine } from '../../domain/events/event-line.js'
import { greeting } from '../../infrastructure/mail/greeting.js'
import type { MailToSend } from '../../infrastructure/mail/mail-outbox.js'
import type { GivenTicket, RecordedDirectOrder } from '../../tickets/direct-order-store.js'

/** None for a buyer without an address. `isRefunded`: a mail about the refund follows. */
export function cancelledMail(
  event: Event,
  { id, buyer, quantity }: Pick<RecordedDirectOrder, 'id' | 'buyer' | 'quantity'>,
  reason: string,
  isRefunded: boolean,
): MailToSend[] {
  if (buyer.email === null) return []
  const tickets = quantity === 1 ? 'ticket' : `${quantity} tickets`
  const text = [
    greeting(buyer.name),
    `Your ${tickets} for ${eventLine(event)} ${quantity === 1 ? 'has' : 'have'} been cancelled: ${reason}`,
    'The codes are no longer valid.',
    ...(isRefunded ? ['What you paid is refunded; a mail confirms it.'] : []),
  ].join('\n\n')
  const subject = `Your ${quantity === 1 ? 'ticket' : 'tickets'} for ${event.name} ${quantity === 1 ? 'was' : 'were'} cancelled`
  return [{ kind: 'ORDER_CANCELLED', about: id, recipient: buyer.email, subject, text: `${text}\n` }]
}

/** To who got a ticket of the order from its buyer. None for a holder without an address. */
export function cancelledTicketMail(event: Event, { id, seat, holder }: GivenTicket, reason: string): MailToSend[] {
  if (holder.email === null) return []
  const text = [
    greeting(holder.name),
    `Your ticket${seat === null ? '' : ` for seat ${seat}`} for ${eventLine(event)} has been cancelled: ${reason}`,
    'Its code is no longer valid.',
  ].join('\n\n')
  const subject = `Your ticket for ${event.name} was cancelled`
  return [{ kind: 'TICKET_CANCELLED', about: id, recipient: holder.email, subject, text: `${text}\n` }]
}

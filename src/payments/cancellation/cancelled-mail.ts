import type { Event } from '../../domain/event-record.js'
import { eventLine } from '../../domain/events/event-line.js'
import { greeting } from '../../infrastructure/mail/greeting.js'
import type { MailToSend } from '../../infrastructure/mail/mail-outbox.js'
import type { RecordedDirectOrder } from '../../tickets/direct-order-store.js'

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

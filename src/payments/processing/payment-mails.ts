import { money } from '../../domain/currency.js'
import type { Event } from '../../domain/event-record.js'
import type { Payment } from '../payment-store.js'
import { greeting } from '../../infrastructure/mail/greeting.js'
import type { MailToSend } from '../../infrastructure/mail/mail-outbox.js'
import { eventLine } from '../../domain/events/event-line.js'

type Paid = Pick<Payment, 'id' | 'amount' | 'currency' | 'buyerName' | 'buyerEmail'>

/** `isDecided`: by the provider; otherwise the payment may still be paid. */
export function failedMail(event: Event, payment: Paid, reason: string, isDecided: boolean): MailToSend {
  const text = [
    greeting(payment.buyerName),
    `Your payment of ${money(payment.amount, payment.currency)} for ${eventLine(event)} failed: ${reason}`,
    'Your tickets are no longer reserved. You are welcome to try again.',
    ...(isDecided
      ? []
      : ['If this payment is completed later, you receive its tickets, or a full refund if you already have tickets.']),
  ]
  return mail('PAYMENT_FAILED', payment, `Your payment for ${event.name} failed`, text)
}

export function refundedMail(event: Event, payment: Paid & Pick<Payment, 'reason'>): MailToSend {
  const text = [
    greeting(payment.buyerName),
    `Your payment of ${money(payment.amount, payment.currency)} for ${eventLine(event)} has been refunded in full. ${payment.reason ?? ''}`.trim(),
    'It may take a few days to arrive.',
  ]
  return mail('PAYMENT_REFUNDED', payment, `Your payment for ${event.name} was refunded`, text)
}

function mail(
  kind: MailToSend['kind'],
  { id, buyerEmail }: Paid,
  subject: string,
  text: readonly string[],
): MailToSend {
  return { kind, about: id, recipient: buyerEmail, subject, text: `${text.join('\n\n')}\n` }
}

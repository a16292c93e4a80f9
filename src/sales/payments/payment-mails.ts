import type { Event, Payment } from '../../generated/prisma/client.js'
import type { MailToSend } from '../../infrastructure/mail/mail-outbox.js'
import { eventLine } from '../../domain/event-line.js'

type Paid = Pick<Payment, 'amount' | 'currency' | 'buyerName' | 'buyerEmail'>

export function failedMail(event: Event, payment: Paid, reason: string): MailToSend {
  const text = [
    `Hello ${payment.buyerName},`,
    `your payment of ${money(payment)} for ${eventLine(event)} was not made: ${reason}`,
    'The tickets are on sale again. You are welcome to try once more.',
  ]
  return mail('PAYMENT_FAILED', payment, `Your payment for ${event.name} was not made`, text)
}

export function refundedMail(event: Event, payment: Paid): MailToSend {
  const text = [
    `Hello ${payment.buyerName},`,
    `your payment of ${money(payment)} for ${eventLine(event)} reached us when the tickets were gone.`,
    'We have given all of it back to you. It may take some days to arrive.',
  ]
  return mail('PAYMENT_REFUNDED', payment, `Your payment for ${event.name} goes back to you`, text)
}

function mail(kind: MailToSend['kind'], { buyerEmail }: Paid, subject: string, text: readonly string[]): MailToSend {
  return { kind, recipient: buyerEmail, subject, text: `${text.join('\n\n')}\n` }
}

/** `EUR 15.00`; currencies without a smaller unit have no point. */
function money({ amount, currency }: Paid): string {
  const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency, currencyDisplay: 'code' })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(Number(amount) / 10 ** digits)
}

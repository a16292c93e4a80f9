import { eventLine, type EventPlace } from '../domain/events/event-line.js'
import { greeting } from '../infrastructure/mail/greeting.js'
import type { MailToSend } from '../infrastructure/mail/mail-outbox.js'

/** To a guest whose ticket exceeded the capacity, and who was moved to the waitlist of their platform. */
export function movedToWaitlistMail(
  event: EventPlace,
  { id, buyerName, buyerEmail }: { id: string; buyerName: string | null; buyerEmail: string },
): MailToSend {
  const text = [
    greeting(buyerName),
    `we are sorry: ${eventLine(event)} sold out while you were registering. You are now first on the waitlist.`,
    'Your payment will be refunded in full. If a ticket becomes available, we will contact you.',
  ]
  const subject = `You are on the waitlist for ${event.name}`
  return { kind: 'MOVED_TO_WAITLIST', about: id, recipient: buyerEmail, subject, text: `${text.join('\n\n')}\n` }
}

import type { Event } from '../domain/event-record.js'
import type { Hold } from '../domain/hold-record.js'
import type { MailToSend } from '../infrastructure/mail/mail-outbox.js'
import type { WaitlistEntry } from './waitlist-store.js'
import { eventLine, localTime } from '../domain/events/event-line.js'

/** `link`: the claim page of the offer. */
export function offerMail(event: Event, entry: WaitlistEntry, hold: Pick<Hold, 'expiresAt'>, link: string): MailToSend {
  const { name, email, quantity } = entry
  const until = localTime(hold.expiresAt, event.timezone)
  const text = [
    `Hello ${name},`,
    `You are next on the waitlist for ${eventLine(event)}.`,
    `${quantity === 1 ? 'A ticket is' : `${quantity} tickets are`} reserved for you until ${until}:`,
    link,
    'After that the offer goes to the next person on the waitlist. If you are no longer interested, ignore this e-mail.',
  ]
  return {
    kind: 'OFFER',
    recipient: email,
    subject: `Tickets for ${event.name} are available`,
    text: `${text.join('\n\n')}\n`,
  }
}

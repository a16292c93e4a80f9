import { eventLine, localTime, type EventPlace } from '../domain/events/event-line.js'
import type { Event } from '../domain/event-record.js'
import type { Hold } from '../domain/hold-record.js'
import { greeting } from '../infrastructure/mail/greeting.js'
import type { MailToSend } from '../infrastructure/mail/mail-outbox.js'
import type { WaitlistEntry } from './waitlist-store.js'

/** `link`: the claim page of the offer. */
export function offerMail(event: Event, entry: WaitlistEntry, hold: Pick<Hold, 'expiresAt'>, link: string): MailToSend {
  const { id, name, email, quantity } = entry
  const until = localTime(hold.expiresAt, event.timezone)
  const text = [
    greeting(name),
    `You are next on the waitlist for ${eventLine(event)}.`,
    `${quantity === 1 ? 'A ticket is' : `${quantity} tickets are`} reserved for you until ${until}:`,
    link,
    'After that the offer goes to the next person on the waitlist. If you are no longer interested, ignore this e-mail.',
  ]
  return {
    kind: 'OFFER',
    about: id,
    recipient: email,
    subject: `Tickets for ${event.name} are available`,
    text: `${text.join('\n\n')}\n`,
  }
}

/** To an address that is not confirmed yet: contains nothing that the person who entered it has written. */
export function verificationMail(
  event: EventPlace,
  { id, email, quantity }: Pick<WaitlistEntry, 'id' | 'email' | 'quantity'>,
  link: string,
): MailToSend {
  const text = [
    'Hello,',
    `this address was entered on the waitlist for ${eventLine(event)}, for ${quantity === 1 ? 'a ticket' : `${quantity} tickets`}.`,
    'Please confirm that it is yours. Before that it gets no tickets:',
    link,
    'If you did not join the waitlist, ignore this e-mail: the entry is then deleted.',
  ]
  return {
    kind: 'ENTRY_VERIFICATION',
    about: id,
    recipient: email,
    subject: `Confirm your place on the waitlist for ${event.name}`,
    text: `${text.join('\n\n')}\n`,
  }
}

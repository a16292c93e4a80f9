import type { Event, Hold, WaitlistEntry } from '../../generated/prisma/client.js'
import type { MailToSend } from '../../infrastructure/mail/mail-outbox.js'
import { eventLine, localTime } from '../../domain/event-line.js'

/** `link`: where the offer can be taken. */
export function offerMail(event: Event, entry: WaitlistEntry, hold: Pick<Hold, 'expiresAt'>, link: string): MailToSend {
  const { name, email, quantity } = entry
  const tickets = quantity === 1 ? 'A ticket has' : `${quantity} tickets have`
  const text = [
    `Hello ${name},`,
    `${tickets} become free for ${eventLine(event)}, and you are next.`,
    `We keep ${quantity === 1 ? 'it' : 'them'} for you until ${localTime(hold.expiresAt, event.timezone)}:`,
    link,
    'After that they go to the next in line. If you do not want them any more, there is nothing you need to do.',
  ]
  return { kind: 'OFFER', recipient: email, subject: `Your tickets for ${event.name}`, text: `${text.join('\n\n')}\n` }
}

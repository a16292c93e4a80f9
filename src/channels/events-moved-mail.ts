import { eventLine, type EventPlace } from '../domain/event-line.js'
import type { MailToSend } from '../infrastructure/mail/mail-outbox.js'

/** To a guest whose ticket exceeded what there is, and who was moved to the waitlist of their platform. */
export function movedMail(event: EventPlace, name: string | null, email: string): MailToSend {
  const text = [
    `Hello${name === null ? '' : ` ${name}`},`,
    `we are sorry: ${eventLine(event)} sold out in the moment you registered. You are on the waitlist now, in front.`,
    'What you paid is given back to you in full. Should a ticket become free, you will hear from us.',
  ]
  const subject = `You are on the waitlist for ${event.name}`
  return { kind: 'MOVED_TO_WAITLIST', recipient: email, subject, text: `${text.join('\n\n')}\n` }
}

import type { DatabaseTransaction } from '../transaction.js'

export const MAIL_KINDS = [
  'VERIFICATION',
  'PASSWORD_RESET',
  'PASSWORD_CHANGED',
  'OFFER',
  'ENTRY_VERIFICATION',
  'TICKETS',
  'TICKET_RECEIVED',
  'TICKET_GIVEN',
  'TICKET_CANCELLED',
  'ORDER_CANCELLED',
  'PAYMENT_FAILED',
  'PAYMENT_REFUNDED',
  'MOVED_TO_WAITLIST',
] as const

export type MailKind = (typeof MAIL_KINDS)[number]

/** A plain text mail to one person. */
export interface Mail {
  kind: MailKind
  recipient: string
  subject: string
  text: string
}

export interface MailToSend extends Mail {
  /** Id of the order, payment, waitlist entry, account, transfer or ticket that it is about: from it a failed mail is composed again. */
  about: string
}

/** Mails are stored in the transaction that causes them; a job sends them afterwards. */
export abstract class MailOutbox {
  /** Null: outside a transaction. Mails to an erased address are left out. */
  abstract put(transaction: DatabaseTransaction | null, mails: readonly MailToSend[]): Promise<void>
}

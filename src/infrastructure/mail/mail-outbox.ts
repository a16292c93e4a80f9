import { Injectable } from '@nestjs/common'
import type { Prisma } from '../../generated/prisma/client.js'
import { newId } from '../ids.js'

export type MailKind = 'OFFER' | 'TICKETS' | 'PAYMENT_FAILED' | 'PAYMENT_REFUNDED' | 'MOVED_TO_WAITLIST'

/** A plain text mail to one person. */
export interface MailToSend {
  kind: MailKind
  recipient: string
  subject: string
  text: string
}

/** Mails are stored in the transaction that causes them; a job sends them afterwards. */
@Injectable()
export class MailOutbox {
  async put(tx: Pick<Prisma.TransactionClient, 'mail'>, mails: readonly MailToSend[]): Promise<void> {
    if (mails.length === 0) return
    await tx.mail.createMany({ data: mails.map((mail) => ({ ...mail, id: newId('mail') })) })
  }
}

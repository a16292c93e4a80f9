import type { PrismaClient } from '../../../generated/prisma/client.js'
import { newId } from '../../../infrastructure/ids.js'
import { MailOutbox, type MailToSend } from '../../../infrastructure/mail/mail-outbox.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaMailOutbox extends MailOutbox {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async put(transaction: DatabaseTransaction | null, mails: readonly MailToSend[]): Promise<void> {
    if (mails.length === 0) return
    const client = transaction ? clientOf(transaction) : this.prisma
    await client.mail.createMany({ data: mails.map((mail) => ({ ...mail, id: newId('mail') })) })
  }
}

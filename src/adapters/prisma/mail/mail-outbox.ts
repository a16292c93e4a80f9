import type { PrismaClient } from '../../../generated/prisma/client.js'
import { newId } from '../../../infrastructure/ids.js'
import { MailOutbox, type MailToSend } from '../../../infrastructure/mail/mail-outbox.js'
import { ERASED } from '../../../infrastructure/text/erased.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaMailOutbox extends MailOutbox {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async put(transaction: DatabaseTransaction | null, mails: readonly MailToSend[]): Promise<void> {
    const sendable = mails.filter(({ recipient }) => recipient !== ERASED)
    if (sendable.length === 0) return
    const client = transaction ? clientOf(transaction) : this.prisma
    await client.mail.createMany({ data: sendable.map((mail) => ({ ...mail, id: newId('mail') })) })
  }
}

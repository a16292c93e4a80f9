import { newId } from '../../../infrastructure/ids.js'
import { MailOutbox, type MailToSend } from '../../../infrastructure/mail/mail-outbox.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryMailOutbox extends MailOutbox {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async put(transaction: DatabaseTransaction | null, mails: readonly MailToSend[]): Promise<void> {
    this.database.assertAvailable()
    const unsent = { createdAt: this.database.clock.now(), sentAt: null, failedAt: null }
    for (const mail of mails) await this.database.mails.insert(transaction, { ...mail, ...unsent, id: newId('mail') })
  }
}

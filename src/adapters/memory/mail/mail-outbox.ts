import { newId } from '../../../infrastructure/ids.js'
import { MailOutbox, type MailToSend } from '../../../infrastructure/mail/mail-outbox.js'
import { ERASED } from '../../../infrastructure/text/erased.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryMailOutbox extends MailOutbox {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async put(transaction: DatabaseTransaction | null, mails: readonly MailToSend[]): Promise<void> {
    this.database.assertAvailable()
    const createdAt = this.database.clock.now()
    const unsent = { createdAt, attemptedAt: null, sentAt: null, failedAt: null, failure: null }
    const sendable = mails.filter(({ recipient }) => recipient !== ERASED)
    for (const mail of sendable)
      await this.database.mails.insert(transaction, { ...mail, ...unsent, id: newId('mail') })
  }
}

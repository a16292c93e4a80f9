import { AuditLog, type AuditedState, type AuditEntry } from '../../../accounts/audit-log.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryAuditLog extends AuditLog {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async append(transaction: DatabaseTransaction | null, entry: AuditEntry): Promise<void> {
    this.database.assertAvailable()
    const states = { before: jsonOf(entry.before), after: jsonOf(entry.after) }
    await this.database.auditEntries.insert(transaction, { id: this.database.nextId(), ...entry, ...states })
  }
}

function jsonOf(state: AuditedState): AuditedState {
  return JSON.parse(JSON.stringify(state)) as AuditedState
}

import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** State of an object as JSON stores it: instants are text. Null: there was none. */
export type AuditedState = Record<string, unknown> | null

export interface AuditEntry {
  /** User id; null: the system or the command line. */
  actorId: string | null
  action: string
  /** Id of the object that was changed. */
  subject: string
  before: AuditedState
  after: AuditedState
  at: Date
}

/** Entries about staff actions: they are only appended, never changed or deleted. */
export abstract class AuditLog {
  /** Null as transaction: outside one, committed at once. */
  abstract append(transaction: DatabaseTransaction | null, entry: AuditEntry): Promise<void>
}

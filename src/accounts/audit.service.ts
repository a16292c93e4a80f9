import { Injectable } from '@nestjs/common'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Clock } from '../infrastructure/time/clock.js'
import { AuditLog, type AuditedState } from './audit-log.js'

/** Audit log: one immutable entry per staff action. */
@Injectable()
export class AuditService {
  constructor(
    private readonly log: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * @param actor user id; null for the system and the command line
   * @param action e.g. `event.pause`
   * @param subject id of the object that was changed
   * @param before state before the action, without secrets; null if there was none
   * @param transaction the transaction of the recorded change; null: recorded on its own
   */
  async record(
    actor: string | null,
    action: string,
    subject: string,
    before: AuditedState,
    after: AuditedState,
    transaction: DatabaseTransaction | null = null,
  ): Promise<void> {
    await this.log.append(transaction, { actorId: actor, action, subject, before, after, at: this.clock.now() })
  }
}

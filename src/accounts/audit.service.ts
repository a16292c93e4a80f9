import { Injectable } from '@nestjs/common'
import { Prisma, type PrismaClient } from '../generated/prisma/client.js'
import { clientOf } from '../infrastructure/prisma/transaction.js'
import { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Clock } from '../infrastructure/time/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'

type State = Record<string, unknown> | null

/** Audit log: one immutable entry per staff action. */
@Injectable()
export class AuditService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param actor user id; null for the system and the command line
   * @param action e.g. `event.pause`
   * @param subject id of the object that was changed
   * @param before state before the action, without secrets; null if there was none
   * @param transaction the transaction of the recorded change
   */
  async record(
    actor: string | null,
    action: string,
    subject: string,
    before: State,
    after: State,
    transaction: DatabaseTransaction | Pick<PrismaClient, 'auditEntry'> = this.prisma,
  ): Promise<void> {
    const data = { actorId: actor, action, subject, before: toJson(before), after: toJson(after), at: this.clock.now() }
    const client = transaction instanceof DatabaseTransaction ? clientOf(transaction) : transaction
    await client.auditEntry.create({ data })
  }
}

function toJson(state: State): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return state === null ? Prisma.DbNull : (JSON.parse(JSON.stringify(state)) as Prisma.InputJsonObject)
}

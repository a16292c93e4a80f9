import { AuditLog, type AuditedState, type AuditEntry } from '../../../accounts/audit-log.js'
import { Prisma, type PrismaClient } from '../../../generated/prisma/client.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaAuditLog extends AuditLog {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async append(transaction: DatabaseTransaction | null, { before, after, ...entry }: AuditEntry): Promise<void> {
    const client = transaction ? clientOf(transaction) : this.prisma
    await client.auditEntry.create({ data: { ...entry, before: jsonOf(before), after: jsonOf(after) } })
  }
}

function jsonOf(state: AuditedState): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return state === null ? Prisma.DbNull : (JSON.parse(JSON.stringify(state)) as Prisma.InputJsonObject)
}

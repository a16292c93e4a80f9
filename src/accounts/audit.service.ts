import { Injectable } from '@nestjs/common'
import { Prisma, type PrismaClient } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'

type State = Record<string, unknown> | null

/** Who did what to what: written for every action of staff, never changed. */
@Injectable()
export class AuditService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param actor account id; null for the system and the command line
   * @param action e.g. `event.pause`
   * @param subject id of what it was done to
   * @param before state that the action changed, without secrets; null where there was none
   * @param transaction writes the entry together with what it tells of
   */
  async record(
    actor: string | null,
    action: string,
    subject: string,
    before: State,
    after: State,
    transaction: Pick<PrismaClient, 'auditEntry'> = this.prisma,
  ): Promise<void> {
    const data = { actorId: actor, action, subject, before: toJson(before), after: toJson(after), at: this.clock.now() }
    await transaction.auditEntry.create({ data })
  }
}

function toJson(state: State): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return state === null ? Prisma.DbNull : (JSON.parse(JSON.stringify(state)) as Prisma.InputJsonObject)
}

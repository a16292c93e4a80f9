import { Injectable } from '@nestjs/common'
import type { NotificationMessage } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { MAX_COLLECT_MS } from './outbox.js'

const RETRY_MS = 500

/** Keeps a message about alerts open while further ones with its cause are recorded, and not collected yet. */
@Injectable()
export class Grouping {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** True: it is due later. */
  async defer({ id, event, cause, attempts, createdAt, dueAt }: NotificationMessage): Promise<boolean> {
    const now = this.clock.now()
    const lastDue = createdAt.getTime() + MAX_COLLECT_MS
    // One that was held back for minutes is complete.
    if (cause === null || attempts > 0 || now.getTime() >= lastDue || dueAt.getTime() >= lastDue) return false
    const change = event === 'RESOLVED' ? 'RESOLVED' : 'RAISED'
    const pending = await this.prisma.$queryRaw<object[]>`
      SELECT 1 FROM alert_changes c JOIN alerts a ON a.id = c.alert_id
      WHERE c.change = ${change} AND concat_ws(' ', a.kind, a.about) = ${cause} LIMIT 1`
    if (pending.length === 0) return false
    const data = { dueAt: new Date(Math.min(now.getTime() + RETRY_MS, lastDue)) }
    return (await this.prisma.notificationMessage.updateMany({ where: { id, attempts: 0 }, data })).count > 0
  }
}

import { Injectable } from '@nestjs/common'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Config } from '../infrastructure/config/config.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'

const INTERVAL_MS = 6 * 3_600_000
const DAY_MS = 86_400_000

/** Deletes messages that were sent, or have failed, RETENTION_DAYS ago. */
@Injectable()
export class NotificationRetention {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  @Periodic({ name: 'notification retention', every: INTERVAL_MS })
  async delete(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - this.config.retentionDays * DAY_MS)
    const targets = await this.prisma.notificationTarget.findMany({ select: { id: true } })
    for (const { id: targetId } of targets) {
      const ended = { OR: [{ sentAt: { not: null } }, { failedAt: { not: null } }] }
      await this.prisma.notificationMessage.deleteMany({ where: { targetId, createdAt: { lt: before }, ...ended } })
    }
  }
}

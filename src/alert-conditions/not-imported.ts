import { Injectable } from '@nestjs/common'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { openEvents } from '../infrastructure/prisma/live-events.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'

const ALERT_DELAY_MS = 60_000

/** A channel is not imported: its exposure is unbounded, so no channel of its event is allocated tickets. */
@Injectable()
export class NotImported extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'import'

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const createdBefore = new Date(now.getTime() - ALERT_DELAY_MS)
    const mode = await this.prisma.systemMode.findFirst()
    // Nothing is imported in fail-safe mode.
    if (mode && (mode.mode === 'FAIL_SAFE' || mode.since > createdBefore)) return []
    const channels = await this.prisma.channel.findMany({
      where: { importedAt: null, detachedAt: null, createdAt: { lt: createdBefore }, event: openEvents(now) },
      include: { event: { select: { name: true } } },
    })
    return channels.map(({ id, eventId, event, platform, externalEventId, createdAt, syncError, lastFailure }) => {
      const age = formatDuration(now.getTime() - createdAt.getTime())
      const reason = syncError ?? lastFailure ?? 'no attempt was made yet; check that the worker role runs'
      const detail =
        `${event.name}: ${platform} listing ${externalEventId} has not been imported for ${age}: ${reason}. Until then ` +
        `it sells as its organizer configured it, and no other channel of this event is given tickets.`
      return { eventId, platform, subject: id, detail }
    })
  }
}

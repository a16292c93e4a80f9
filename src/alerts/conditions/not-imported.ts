import { Injectable } from '@nestjs/common'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { openEvents } from '../../inventory/live-events.js'
import { Condition, inWords, type Problem } from './condition.js'

const AFTER_MS = 60_000

/** A channel that was never imported: its exposure is unbounded, so no channel of its event gets any tickets. */
@Injectable()
export class NotImported extends Condition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'import'

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<Problem[]> {
    const due = new Date(now.getTime() - AFTER_MS)
    const mode = await this.prisma.systemMode.findFirst()
    // Nothing is imported in fail-safe mode.
    if (mode && (mode.mode === 'FAIL_SAFE' || mode.since > due)) return []
    const channels = await this.prisma.channel.findMany({
      where: { importedAt: null, detachedAt: null, createdAt: { lt: due }, event: openEvents(now) },
      include: { event: { select: { name: true } } },
    })
    return channels.map(({ id, eventId, event, platform, externalEventId, createdAt, syncError, lastFailure }) => {
      const age = inWords(now.getTime() - createdAt.getTime())
      const why = syncError ?? lastFailure ?? 'it was not asked yet; see that the worker role runs'
      const detail =
        `${event.name}: ${platform} listing ${externalEventId} has not been imported for ${age}: ${why}. Until it is, it ` +
        `sells as its organizer left it, and no other channel of this event is given tickets.`
      return { eventId, platform, subject: id, detail }
    })
  }
}

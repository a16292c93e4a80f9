import { Injectable } from '@nestjs/common'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../infrastructure/prisma/live-events.js'
import { AlertCondition, type AlertProblem } from './alert-condition.js'

const CALLED_OFF = ['CANCELLED', 'POSTPONED'] as const

/** A platform shows a listing as cancelled, postponed or ended while the event is still on sale here. */
@Injectable()
export class ListingGone extends AlertCondition {
  readonly kind = 'DRIFT'
  readonly about = 'listing state'

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const channels = await this.prisma.channel.findMany({
      where: {
        ...liveChannels(now),
        // That a listing ends after the start of its event is expected.
        OR: [{ listingState: { in: [...CALLED_OFF] } }, { listingState: 'ENDED', event: { startsAt: { gt: now } } }],
      },
      include: { event: { select: { name: true } } },
    })
    return channels.map(({ id, eventId, event, platform, externalEventId, listingState }) => {
      const detail =
        `${event.name}: ${platform} shows listing ${externalEventId} as ${listingState?.toLowerCase()}. Tickets sold ` +
        `there still count. Restore the listing on ${platform}, or close the event here.`
      return { eventId, platform, subject: id, detail }
    })
  }
}

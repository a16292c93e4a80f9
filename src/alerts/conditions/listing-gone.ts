import { Injectable } from '@nestjs/common'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { liveChannels } from '../../inventory/live-events.js'
import { Condition, type Problem } from './condition.js'

const OFF = ['CANCELLED', 'POSTPONED'] as const

/** A listing that its platform shows as cancelled, postponed or ended, while our event is still on sale. */
@Injectable()
export class ListingGone extends Condition {
  readonly kind = 'DRIFT'
  readonly about = 'listing state'

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  async find(now: Date): Promise<Problem[]> {
    const channels = await this.prisma.channel.findMany({
      where: {
        ...liveChannels(now),
        // An event that has begun ends: nothing to alert about.
        OR: [{ listingState: { in: [...OFF] } }, { listingState: 'ENDED', event: { startsAt: { gt: now } } }],
      },
      include: { event: { select: { name: true } } },
    })
    return channels.map(({ id, eventId, event, platform, externalEventId, listingState }) => {
      const detail =
        `${event.name}: ${platform} shows listing ${externalEventId} as ${listingState?.toLowerCase()}. Tickets sold ` +
        `there stay counted. Restore the listing on ${platform}, or close the event here.`
      return { eventId, platform, subject: id, detail }
    })
  }
}

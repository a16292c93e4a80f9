import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { EventCreation } from '../events/event-creation.js'
import type { EventWithChannels } from '../stock/event-store.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { SimulatorListing } from './demo-simulator-process.js'

const NAME = 'Winter Meetup (demo)'
const CAPACITY = 300
const IN_30_DAYS_MS = 30 * 86_400_000
const DEMO_ACTOR = {
  email: 'demo@localhost',
  name: 'Demo',
  role: 'ADMIN' as const,
  sessionId: 'demo',
  emailVerified: true,
}

/** Creates the demo event on the simulated platforms. */
@Injectable()
export class DemoService {
  static readonly eventName = NAME

  constructor(
    private readonly prisma: PrismaService,
    private readonly events: EventCreation,
    private readonly clock: Clock,
  ) {}

  /**
   * The simulated platforms keep no state across runs: events of earlier runs are closed, and their listings, which no
   * longer exist, are neither written nor read.
   */
  async closeEarlierEvents(): Promise<void> {
    const now = this.clock.now()
    const longAgo = new Date(0)
    await this.prisma.channel.updateMany({
      where: { event: { name: NAME } },
      data: {
        desiredMode: 'WAITLIST_ONLY',
        confirmedMode: 'WAITLIST_ONLY',
        confirmedCap: 0,
        unconfirmedCap: null,
        unconfirmedSince: null,
        unconfirmedMode: null,
        uncountedSince: null,
        recountAt: null,
        importedAt: now,
      },
    })
    await this.prisma.event.updateMany({ where: { name: NAME }, data: { closedSince: longAgo } })
  }

  async createEvent(listing: SimulatorListing): Promise<EventWithChannels> {
    const admin = await this.prisma.user.findFirstOrThrow({ where: { role: 'ADMIN', active: true } })
    const actor: AuthenticatedUser = { ...DEMO_ACTOR, id: admin.id }
    return this.events.create(
      {
        name: NAME,
        startsAt: new Date(this.clock.now().getTime() + IN_30_DAYS_MS).toISOString(),
        capacity: CAPACITY,
        venue: 'The Old Mill',
        timezone: 'Europe/Berlin',
        channels: [
          { platform: 'EVENTBRITE', externalEventId: listing.eventbrite },
          { platform: 'LUMA', externalEventId: listing.luma },
          { platform: 'MEETUP', externalEventId: listing.meetup },
        ],
      },
      actor,
    )
  }
}

import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { EventCreation } from '../events/event-creation.js'
import { EventStates } from '../events/event-states.js'
import type { EventWithChannels } from '../stock/event-store.js'
import { Config } from '../infrastructure/config/config.js'
import { forgetDemoRemoved, isDemoRemoved, markDemoRemoved } from '../infrastructure/config/demo-removed.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { DemoState } from './demo.dto.js'
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

/** The demo's event on the simulated platforms. */
@Injectable()
export class DemoService {
  static readonly eventName = NAME

  constructor(
    private readonly prisma: PrismaService,
    private readonly events: EventCreation,
    private readonly states: EventStates,
    private readonly audit: AuditService,
    private readonly config: Config,
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
      where: { event: { demo: true } },
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
    await this.prisma.event.updateMany({ where: { demo: true }, data: { closedSince: longAgo } })
  }

  async createEvent(listing: SimulatorListing): Promise<EventWithChannels> {
    const admin = await this.prisma.user.findFirstOrThrow({ where: { role: 'ADMIN', active: true } })
    const actor: AuthenticatedUser = { ...DEMO_ACTOR, id: admin.id }
    forgetDemoRemoved(this.config.dataDir)
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
      true,
    )
  }

  /** Closes the demo's events permanently. They are no longer listed, and the demo does not start again by itself. */
  async remove(user: AuthenticatedUser): Promise<void> {
    const open = await this.prisma.event.findMany({ where: { demo: true, closedSince: null }, select: { id: true } })
    for (const { id } of open) await this.states.change(id, 'close', user)
    if (this.state() !== 'RUNNING') return
    markDemoRemoved(this.config.dataDir)
    await this.audit.record(user.id, 'demo.remove', 'demo', { state: 'RUNNING' }, { state: 'REMOVED' })
  }

  state(): DemoState {
    if (!this.config.demo) return 'NONE'
    return isDemoRemoved(this.config.dataDir) ? 'REMOVED' : 'RUNNING'
  }
}

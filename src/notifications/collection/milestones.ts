import { Injectable } from '@nestjs/common'
import { isSoftCapReached, softCapThreshold } from '../../domain/events/soft-cap.js'
import { capacityOf, isSoldOut, soldTotal, type Balances } from '../../domain/stock/ledger-account.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { clientOf } from '../../infrastructure/prisma/transaction.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Transactions } from '../../infrastructure/transactions.js'
import { EventStore, type EventWithBalances } from '../../stock/event-store.js'
import { PageLinks } from '../page-links.js'
import { Outbox } from './outbox.js'

const INTERVAL_MS = 3_000

const MILESTONES = ['HALF', 'SOFT_CAP', 'SOLD_OUT'] as const
export type Milestone = (typeof MILESTONES)[number]

const TITLES: Record<Milestone, string> = { HALF: '50 % sold', SOFT_CAP: 'soft cap reached', SOLD_OUT: 'sold out' }

/** Notifies of each milestone of an event's sales once per capacity. */
@Injectable()
export class Milestones {
  constructor(
    private readonly events: EventStore,
    private readonly prisma: PrismaService,
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly links: PageLinks,
    private readonly clock: Clock,
  ) {}

  /** Recorded without targets too: one that is added later is not notified of what was sold before. */
  @Periodic({ name: 'milestones of sales', every: INTERVAL_MS })
  async collect(): Promise<void> {
    const events = await this.events.snapshots({ scope: 'live', now: this.clock.now() })
    const reached = events.flatMap((event) => reachedBy(event).map((milestone) => ({ event, milestone })))
    const eventIds = [...new Set(reached.map(({ event }) => event.id))]
    if (eventIds.length === 0) return
    const notices = await this.prisma.eventNotice.findMany({ where: { eventId: { in: eventIds } } })
    const known = new Set(notices.map(({ eventId, notice }) => `${eventId} ${notice}`))
    for (const { event, milestone } of reached) {
      if (!known.has(`${event.id} ${noticeOf(event, milestone)}`)) await this.notify(event, milestone)
    }
  }

  private async notify(event: EventWithBalances, milestone: Milestone): Promise<void> {
    const { id: eventId, name, balances } = event
    const sold = soldTotal(balances)
    const capacity = capacityOf(balances)
    await this.transactions.run(async (transaction) => {
      const client = clientOf(transaction)
      const notice = { eventId, notice: noticeOf(event, milestone), sold, at: this.clock.now() }
      // Another process may have recorded it since.
      const { count } = await client.eventNotice.createMany({ data: [notice], skipDuplicates: true })
      if (count === 0) return
      await this.outbox.put(client, {
        event: 'MILESTONE',
        title: `${name}: ${TITLES[milestone]}`,
        lines: [`${sold} of ${capacity} tickets are sold${remainders(balances)}.`],
        url: this.links.event(eventId),
        data: { eventId, eventName: name, milestone, sold, capacity },
      })
    })
  }
}

/** In ascending order. */
export function reachedBy({
  balances,
  softCapRatio,
}: Pick<EventWithBalances, 'balances' | 'softCapRatio'>): Milestone[] {
  const sold = soldTotal(balances)
  const reached: Record<Milestone, boolean> = {
    HALF: sold > 0 && sold * 2 >= capacityOf(balances),
    SOFT_CAP: isSoftCapReached(sold, softCapThreshold(softCapRatio, balances)),
    // Held tickets may become free again.
    SOLD_OUT: sold > 0 && balances.HELD === 0 && isSoldOut(balances),
  }
  return MILESTONES.filter((milestone) => reached[milestone])
}

function noticeOf({ balances }: EventWithBalances, milestone: Milestone): string {
  return `MILESTONE ${milestone} ${capacityOf(balances)}`
}

function remainders({ SAFETY }: Balances): string {
  return SAFETY > 0 ? `; ${SAFETY} are in the safety stock` : ''
}

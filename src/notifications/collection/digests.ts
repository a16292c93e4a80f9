import { Injectable } from '@nestjs/common'
import { wallClock } from '../../domain/events/wall-clock.js'
import { capacityOf, soldTotal } from '../../domain/stock/ledger-account.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { clientOf, type Transaction } from '../../infrastructure/prisma/transaction.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Transactions } from '../../infrastructure/transactions.js'
import { EventStore, type EventSnapshot } from '../../stock/event-store.js'
import { PageLinks } from '../page-links.js'
import { Outbox } from './outbox.js'

const INTERVAL_MS = 20_000
/** Of the event's time zone. A service that was stopped at that time sends the digest until `LAST_HOUR`. */
const HOUR = 8
const LAST_HOUR = 12
const MAX_LISTED = 20
const PREFIX = 'DIGEST '

interface DueEvent {
  event: EventSnapshot
  date: string
}

/** Every day at 08:00 local time: the sales of each event on which tickets may still be sold. Those due at the same time share a message. */
@Injectable()
export class Digests {
  constructor(
    private readonly events: EventStore,
    private readonly prisma: PrismaService,
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly links: PageLinks,
    private readonly clock: Clock,
  ) {}

  @Periodic({ name: 'digests of sales', every: INTERVAL_MS })
  collect(): Promise<void> {
    return this.collectAt(this.clock.now())
  }

  /** Idempotent: each digest is recorded with the message about it. */
  async collectAt(now: Date): Promise<void> {
    const events = await this.events.snapshots({ scope: 'open', now })
    const due = events.flatMap((event) => {
      const date = digestDate(event, now)
      return date === null ? [] : [{ event, date }]
    })
    if (due.length === 0) return
    const known = await this.prisma.eventNotice.findMany({
      where: { OR: due.map(({ event, date }) => ({ eventId: event.id, notice: PREFIX + date })) },
    })
    const ids = new Set(known.map(({ eventId }) => eventId))
    const open = due.filter(({ event }) => !ids.has(event.id))
    if (open.length > 0) await this.transactions.run((transaction) => this.notify(clientOf(transaction), open, now))
  }

  private async notify(client: Transaction, due: readonly DueEvent[], now: Date): Promise<void> {
    const before = await lastSold(client, due)
    const rows = due.map(({ event, date }) => {
      return { eventId: event.id, notice: PREFIX + date, sold: soldTotal(event.balances), at: now }
    })
    // Those that another process has recorded since are not among them.
    const recorded = await client.eventNotice.createManyAndReturn({ data: rows, skipDuplicates: true })
    const ids = new Set(recorded.map(({ eventId }) => eventId))
    const events = due
      .filter(({ event }) => ids.has(event.id))
      .map(({ event }) => figuresOf(event, before.get(event.id)))
    const [first] = events
    if (!first) return
    const more = events.length - MAX_LISTED
    await this.outbox.put(client, {
      event: 'DIGEST',
      title: events.length === 1 ? `Sales of ${first.eventName}` : `Sales of ${events.length} events`,
      lines: [...events.slice(0, MAX_LISTED).map(lineOf), ...(more > 0 ? [`and ${more} more`] : [])],
      url: events.length === 1 ? this.links.event(first.eventId) : this.links.home,
      data: { events: events.slice(0, MAX_LISTED), count: events.length },
    })
  }
}

/** The local date whose digest is due; null: none. An event that was created later that day has none yet. */
export function digestDate({ timezone, createdAt }: { timezone: string; createdAt: Date }, now: Date): string | null {
  const { date, hour } = localHour(now, timezone)
  if (hour < HOUR || hour >= LAST_HOUR) return null
  const created = localHour(createdAt, timezone)
  return created.date === date && created.hour >= HOUR ? null : date
}

function localHour(instant: Date, timezone: string): { date: string; hour: number } {
  const [date = '', time = ''] = wallClock(instant, timezone).split(' ')
  return { date, hour: Number(time.slice(0, 2)) }
}

interface Figures {
  eventId: string
  eventName: string
  sold: number
  capacity: number
  held: number
  /** Since the last digest; null: there was none. */
  soldSince: number | null
}

function figuresOf({ id, name, balances }: EventSnapshot, soldBefore: number | undefined): Figures {
  const sold = soldTotal(balances)
  const soldSince = soldBefore === undefined ? null : sold - soldBefore
  return { eventId: id, eventName: name, sold, capacity: capacityOf(balances), held: balances.HELD, soldSince }
}

function lineOf({ eventName, sold, capacity, held, soldSince }: Figures): string {
  const since = soldSince === null ? '' : ` (${soldSince < 0 ? '' : '+'}${soldSince} since the last digest)`
  return `${eventName}: ${sold} of ${capacity} sold${since}${held > 0 ? `, ${held} held` : ''}`
}

/** Tickets sold at the last digest, by event. */
async function lastSold(client: Transaction, due: readonly DueEvent[]): Promise<Map<string, number>> {
  const notices = await client.eventNotice.findMany({
    where: { eventId: { in: due.map(({ event }) => event.id) }, notice: { startsWith: PREFIX } },
    orderBy: { notice: 'asc' },
  })
  // The latest date of each is the last one.
  return new Map(notices.map(({ eventId, sold }) => [eventId, sold]))
}

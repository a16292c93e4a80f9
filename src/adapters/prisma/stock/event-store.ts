import { withChannels } from '../../../infrastructure/prisma/channel-rows.js'
import type { Event } from '../../../domain/event-record.js'
import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { balancesOf, IS_OVERSOLD, WITH_BALANCES } from '../../../infrastructure/prisma/balance-rows.js'
import { liveEvents, OPEN_EVENT, openEvents, syncedEvents } from '../../../infrastructure/prisma/live-events.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  EventStore,
  type EventFilter,
  type EventSnapshot,
  type EventWithBalances,
  type EventWithChannels,
  type NewEvent,
} from '../../../stock/event-store.js'
import { EventUnknown } from '../../../stock/ledger-store.js'

const CHANNELS_BY_ID = { orderBy: { id: 'asc' } } as const
const WITH_CHANNELS_AND_LEDGER = { channels: CHANNELS_BY_ID, ledger: WITH_BALANCES } as const

export class PrismaEventStore extends EventStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async exists(eventId: string): Promise<boolean> {
    return (await this.prisma.event.count({ where: { id: eventId } })) > 0
  }

  find(eventId: string): Promise<Event | null> {
    return this.prisma.event.findUnique({ where: { id: eventId } })
  }

  async read(transaction: DatabaseTransaction, eventId: string): Promise<Event> {
    const event = await clientOf(transaction).event.findUnique({ where: { id: eventId } })
    if (!event) throw new EventUnknown(eventId)
    return event
  }

  ids(filter: EventFilter): Promise<string[]> {
    return this.sortedIds(filter, [{ id: 'asc' }])
  }

  idsBySoonestStart(filter: EventFilter): Promise<string[]> {
    return this.sortedIds(filter, [{ startsAt: 'asc' }, { id: 'asc' }])
  }

  async snapshots(filter: EventFilter): Promise<EventSnapshot[]> {
    const rows = await this.prisma.event.findMany({
      where: { AND: [whereOf(filter), { ledger: { isNot: null } }] },
      include: WITH_CHANNELS_AND_LEDGER,
      orderBy: { id: 'asc' },
    })
    return rows.flatMap((row) => snapshotOf(row) ?? [])
  }

  async snapshot(eventId: string): Promise<EventSnapshot | null> {
    const row = await this.prisma.event.findUnique({ where: { id: eventId }, include: WITH_CHANNELS_AND_LEDGER })
    return row && snapshotOf(row)
  }

  async withBalances(eventId: string): Promise<EventWithBalances | null> {
    const row = await this.prisma.event.findUnique({ where: { id: eventId }, include: { ledger: WITH_BALANCES } })
    if (!row?.ledger) return null
    const { ledger, ...event } = row
    return { ...event, balances: balancesOf(ledger) }
  }

  async idsAtSoftCap(): Promise<string[]> {
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT e.id FROM events e, LATERAL (
        SELECT COALESCE(SUM(units) FILTER (WHERE account LIKE 'SOLD:%'), 0) + (
            SELECT COALESCE(SUM(quantity), 0) FROM holds WHERE event_id = e.id AND state = 'PAYMENT_PENDING') AS taken,
          -SUM(units) FILTER (WHERE account = 'CAPACITY') AS capacity
        FROM balances WHERE event_id = e.id) AS stock
      WHERE ${OPEN_EVENT} AND red_alarm_since IS NULL
        AND stock.taken > 0 AND stock.taken >= floor(soft_cap_ratio::numeric * COALESCE(stock.capacity, 0))`
    return rows.map(({ id }) => id)
  }

  async unitsBeingPaid(transaction: DatabaseTransaction | null, eventId: string): Promise<number> {
    const client = transaction ? clientOf(transaction) : this.prisma
    const where = { eventId, state: 'PAYMENT_PENDING' as const }
    return (await client.hold.aggregate({ where, _sum: { quantity: true } }))._sum.quantity ?? 0
  }

  async withChannels(transaction: DatabaseTransaction | null, eventId: string): Promise<EventWithChannels> {
    const client = transaction ? clientOf(transaction) : this.prisma
    const event = await client.event.findUnique({ where: { id: eventId }, include: { channels: CHANNELS_BY_ID } })
    if (!event) throw new EventUnknown(eventId)
    return withChannels(event)
  }

  async allWithChannels(
    transaction: DatabaseTransaction,
    eventIds: readonly string[],
  ): Promise<Map<string, EventWithChannels>> {
    const where = { id: { in: [...eventIds] } }
    const rows = await clientOf(transaction).event.findMany({ where, include: { channels: CHANNELS_BY_ID } })
    return new Map(rows.map((row) => [row.id, withChannels(row)]))
  }

  create(transaction: DatabaseTransaction, event: NewEvent): Promise<Event> {
    return clientOf(transaction).event.create({ data: event })
  }

  async update(
    transaction: DatabaseTransaction,
    eventId: string,
    change: Partial<Omit<Event, 'id' | 'createdAt' | 'updatedAt'>>,
  ): Promise<void> {
    const { count } = await clientOf(transaction).event.updateMany({ where: { id: eventId }, data: change })
    if (count === 0) throw new EventUnknown(eventId)
  }

  private async sortedIds(filter: EventFilter, orderBy: Prisma.EventOrderByWithRelationInput[]): Promise<string[]> {
    const rows = await this.prisma.event.findMany({ where: whereOf(filter), select: { id: true }, orderBy })
    return rows.map(({ id }) => id)
  }
}

const SCOPES = { live: liveEvents, open: openEvents, synced: syncedEvents }

function whereOf({ scope, now, ids, hasChannels, onSale, oversold }: EventFilter): Prisma.EventWhereInput {
  const conditions = [SCOPES[scope](now)]
  if (ids) conditions.push({ id: { in: [...ids] } })
  if (hasChannels) conditions.push({ channels: { some: {} } })
  if (onSale) conditions.push({ redAlarmSince: null, pausedSince: null, startsAt: { gt: now } })
  if (oversold) conditions.push(IS_OVERSOLD)
  return { AND: conditions }
}

type EventRow = Prisma.EventGetPayload<{ include: typeof WITH_CHANNELS_AND_LEDGER }>

function snapshotOf({ ledger, ...event }: EventRow): EventSnapshot | null {
  return ledger && { ...withChannels(event), balances: balancesOf(ledger) }
}

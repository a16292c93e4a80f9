import { DIRECT } from '../../../domain/channel.js'
import { allocated } from '../../../domain/stock/ledger-account.js'
import { Prisma, type PrismaClient } from '../../../generated/prisma/client.js'
import { OPEN_EVENT } from '../../../infrastructure/prisma/live-events.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  QUEUED_STATES,
  WaitlistStore,
  type EntryFilter,
  type EntryState,
  type EntryWithHold,
  type JoinTerms,
  type WaitlistEntry,
} from '../../../waitlist/waitlist-store.js'

/** SQL condition on a row `entry`: it is eligible for an offer. */
const IS_ELIGIBLE = Prisma.sql`entry.state = 'WAITING' AND NOT EXISTS (
  SELECT 1 FROM waitlist_entries other
  WHERE other.event_id = entry.event_id AND lower(other.email) = lower(entry.email) AND (
    other.state = 'OFFERED' OR (other.state IN ('CONFIRMED', 'LAPSED') AND other.offered_at >= entry.created_at)))`

export class PrismaWaitlistStore extends WaitlistStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async lockEvent(transaction: DatabaseTransaction, eventId: string): Promise<JoinTerms | null> {
    const [event] = await clientOf(transaction).$queryRaw<JoinTerms[]>`
      SELECT closed_since IS NOT NULL AS closed, max_held_per_customer AS "maxHeldPerCustomer"
      FROM events WHERE id = ${eventId} FOR NO KEY UPDATE`
    return event ?? null
  }

  async add(
    transaction: DatabaseTransaction,
    entry: Pick<WaitlistEntry, 'id' | 'eventId' | 'name' | 'email' | 'quantity' | 'createdAt'>,
  ): Promise<bigint> {
    const { seq } = await clientOf(transaction).waitlistEntry.create({ data: entry, select: { seq: true } })
    return seq
  }

  position(transaction: DatabaseTransaction | null, eventId: string, seq: bigint): Promise<number> {
    const client = transaction ? clientOf(transaction) : this.prisma
    return client.waitlistEntry.count({ where: { eventId, seq: { lte: seq }, state: { in: [...QUEUED_STATES] } } })
  }

  list(eventId: string, { after, state }: EntryFilter, limit: number): Promise<EntryWithHold[]> {
    return this.prisma.waitlistEntry.findMany({
      where: { eventId, ...(after === undefined ? {} : { seq: { gt: after } }), ...(state ? { state } : {}) },
      orderBy: { seq: 'asc' },
      take: limit,
      include: { hold: true },
    })
  }

  find(id: string): Promise<EntryWithHold | null> {
    return this.prisma.waitlistEntry.findUnique({ where: { id }, include: { hold: true } })
  }

  async leave(id: string, from: EntryState, at: Date): Promise<boolean> {
    const left = { state: 'LEFT', settledAt: at } as const
    const { count } = await this.prisma.waitlistEntry.updateMany({ where: { id, state: from }, data: left })
    return count === 1
  }

  async lock(transaction: DatabaseTransaction, eventId: string, id: string): Promise<WaitlistEntry | null> {
    const client = clientOf(transaction)
    await client.$queryRaw`SELECT 1 FROM waitlist_entries WHERE id = ${id} FOR UPDATE`
    return client.waitlistEntry.findFirst({ where: { id, eventId } })
  }

  async lockEligible(transaction: DatabaseTransaction, eventId: string, limit: number): Promise<WaitlistEntry[]> {
    const client = clientOf(transaction)
    const rows = await client.$queryRaw<{ id: string }[]>`
      SELECT id FROM waitlist_entries entry WHERE event_id = ${eventId} AND ${IS_ELIGIBLE}
      ORDER BY seq LIMIT ${limit} FOR UPDATE SKIP LOCKED`
    const ids = rows.map(({ id }) => id)
    return client.waitlistEntry.findMany({ where: { id: { in: ids } }, orderBy: { seq: 'asc' } })
  }

  async offer(transaction: DatabaseTransaction, id: string, holdId: string, at: Date): Promise<void> {
    const offered = { state: 'OFFERED', holdId, offeredAt: at } as const
    await clientOf(transaction).waitlistEntry.update({ where: { id }, data: offered })
  }

  async eventsToOffer(): Promise<string[]> {
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT e.id FROM events e
      WHERE waitlist_policy = 'AUTOMATIC' AND ${OPEN_EVENT} AND paused_since IS NULL AND red_alarm_since IS NULL
        AND (SELECT SUM(units) FROM balances WHERE event_id = e.id AND account IN (${allocated(DIRECT)}, 'UNALLOCATED')) >= (
          SELECT MIN(quantity) FROM waitlist_entries entry WHERE event_id = e.id AND ${IS_ELIGIBLE})`
    return rows.map(({ id }) => id)
  }
}

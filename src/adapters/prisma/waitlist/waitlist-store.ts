import { DIRECT } from '../../../domain/channel.js'
import { allocated } from '../../../domain/stock/ledger-account.js'
import { Prisma, type PrismaClient } from '../../../generated/prisma/client.js'
import { OPEN_EVENT } from '../../../infrastructure/prisma/live-events.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  QUEUED_STATES,
  WaitlistStore,
  type EligibleFilter,
  type EntryFilter,
  type EntryState,
  type EntryWithHold,
  type JoinTerms,
  type QueuedEntry,
  type WaitlistEntry,
} from '../../../waitlist/waitlist-store.js'

/** SQL condition of the partial index on queued entries, which is used only if it has the states as literals. */
const IS_QUEUED = Prisma.raw(`state IN (${QUEUED_STATES.map((state) => `'${state}'`).join(', ')})`)

/** SQL condition on a row `entry`: it is eligible for an offer. */
const isEligible = (verifiedOnly: boolean) => Prisma.sql`
  entry.state = 'WAITING' AND (entry.verified_at IS NOT NULL OR NOT ${verifiedOnly}) AND NOT EXISTS (
    SELECT 1 FROM waitlist_entries other
    WHERE other.event_id = entry.event_id AND lower(other.email) = lower(entry.email) AND (
      other.state = 'OFFERED' OR (other.state IN ('CONFIRMED', 'LAPSED') AND other.offered_at >= entry.created_at)))`

export class PrismaWaitlistStore extends WaitlistStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async joinTerms(transaction: DatabaseTransaction, eventId: string): Promise<JoinTerms | null> {
    const [event] = await clientOf(transaction).$queryRaw<JoinTerms[]>`
      SELECT closed_since IS NOT NULL AS closed, max_held_per_customer AS "maxHeldPerCustomer",
        name, venue, starts_at AS "startsAt", timezone
      FROM events WHERE id = ${eventId}`
    return event ?? null
  }

  async add(
    transaction: DatabaseTransaction,
    entry: Pick<WaitlistEntry, 'id' | 'eventId' | 'name' | 'email' | 'quantity' | 'createdAt'>,
  ): Promise<bigint> {
    const { seq } = await clientOf(transaction).waitlistEntry.create({ data: entry, select: { seq: true } })
    return seq
  }

  async position(transaction: DatabaseTransaction | null, eventId: string, seq: bigint): Promise<number> {
    const client = transaction ? clientOf(transaction) : this.prisma
    const [row] = await client.$queryRaw<{ entries: number }[]>`
      SELECT COUNT(*)::int AS entries FROM waitlist_entries
      WHERE event_id = ${eventId} AND seq <= ${seq} AND ${IS_QUEUED}`
    return row?.entries ?? 0
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

  async lockEligible(
    transaction: DatabaseTransaction,
    eventId: string,
    { verifiedOnly, maxQuantity, limit }: EligibleFilter,
  ): Promise<WaitlistEntry[]> {
    const client = clientOf(transaction)
    const rows = await client.$queryRaw<{ id: string }[]>`
      SELECT id FROM waitlist_entries entry WHERE event_id = ${eventId} AND quantity <= ${maxQuantity}
        AND ${isEligible(verifiedOnly)}
      ORDER BY seq LIMIT ${limit} FOR UPDATE SKIP LOCKED`
    const ids = rows.map(({ id }) => id)
    return client.waitlistEntry.findMany({ where: { id: { in: ids } }, orderBy: { seq: 'asc' } })
  }

  async offer(transaction: DatabaseTransaction, id: string, holdId: string, at: Date): Promise<void> {
    const offered = { state: 'OFFERED', holdId, offeredAt: at } as const
    await clientOf(transaction).waitlistEntry.update({ where: { id }, data: offered })
  }

  async eventsToOffer(verifiedOnly: boolean): Promise<string[]> {
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT e.id FROM events e
      WHERE ${OPEN_EVENT} AND paused_since IS NULL AND (
        ((SELECT sold_out_since FROM ledgers WHERE event_id = e.id) IS NOT NULL AND EXISTS (
          SELECT 1 FROM balances WHERE event_id = e.id AND units > 0
            AND (account LIKE 'ALLOCATED:%' OR account IN ('UNALLOCATED', 'IN_TRANSIT'))))
        OR (waitlist_policy = 'AUTOMATIC' AND red_alarm_since IS NOT NULL
          AND (SELECT units FROM balances WHERE event_id = e.id AND account = ${allocated(DIRECT)}) >= (
            SELECT MIN(quantity) FROM waitlist_entries entry WHERE event_id = e.id AND ${isEligible(verifiedOnly)})))`
    return rows.map(({ id }) => id)
  }

  async isSoldOut(transaction: DatabaseTransaction, eventId: string): Promise<boolean> {
    const where = { eventId, soldOutSince: { not: null } }
    return (await clientOf(transaction).eventLedger.count({ where })) === 1
  }

  async endSoldOut(transaction: DatabaseTransaction, eventId: string): Promise<void> {
    const where = { eventId, soldOutSince: { not: null } }
    await clientOf(transaction).eventLedger.updateMany({ where, data: { soldOutSince: null } })
  }

  async verify(id: string, at: Date): Promise<void> {
    await this.prisma.waitlistEntry.updateMany({ where: { id, verifiedAt: null }, data: { verifiedAt: at } })
  }

  async countOf(transaction: DatabaseTransaction, eventId: string, email: string, since: Date): Promise<number> {
    const [row] = await clientOf(transaction).$queryRaw<{ entries: number }[]>`
      SELECT COUNT(*)::int AS entries FROM waitlist_entries
      WHERE event_id = ${eventId} AND lower(email) = lower(${email}) AND created_at >= ${since}`
    return row?.entries ?? 0
  }

  queue(transaction: DatabaseTransaction, eventId: string): Promise<QueuedEntry[]> {
    return clientOf(transaction).$queryRaw<QueuedEntry[]>`
      SELECT id, seq, state FROM waitlist_entries WHERE event_id = ${eventId} AND ${IS_QUEUED} ORDER BY seq`
  }

  async reorder(transaction: DatabaseTransaction, places: readonly Pick<QueuedEntry, 'id' | 'seq'>[]): Promise<void> {
    if (places.length === 0) return
    const ids = places.map(({ id }) => id)
    const seqs = places.map(({ seq }) => seq)
    // In one statement: places are unique at its end only.
    await clientOf(transaction).$executeRaw`
      UPDATE waitlist_entries entry SET seq = place.seq
      FROM unnest(${ids}::text[], ${seqs}::bigint[]) AS place(id, seq) WHERE entry.id = place.id`
  }

  async deleteUnverified(before: Date): Promise<number> {
    const where = { verifiedAt: null, holdId: null, createdAt: { lt: before } }
    return (await this.prisma.waitlistEntry.deleteMany({ where })).count
  }
}

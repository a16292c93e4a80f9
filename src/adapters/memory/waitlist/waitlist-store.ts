import { DIRECT } from '../../../domain/channel.js'
import { isOpen } from '../../../domain/events/event-state.js'
import { allocated, isSoldOut, unitsOf } from '../../../domain/stock/ledger-account.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  isQueued,
  WaitlistStore,
  type EligibleFilter,
  type EntryFilter,
  type EntryState,
  type EntryWithHold,
  type JoinTerms,
  type QueuedEntry,
  type WaitlistEntry,
} from '../../../waitlist/waitlist-store.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { Scope } from '../memory-table.js'
import { memoryTransaction } from '../memory-transaction.js'
import { balancesIn } from '../stock/ledger-store.js'

export class MemoryWaitlistStore extends WaitlistStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async joinTerms(transaction: DatabaseTransaction, eventId: string): Promise<JoinTerms | null> {
    this.database.assertAvailable()
    const event = this.database.events.get(transaction, eventId)
    if (!event) return null
    const { name, venue, startsAt, timezone, maxHeldPerCustomer } = event
    return { closed: event.closedSince !== null, maxHeldPerCustomer, name, venue, startsAt, timezone }
  }

  async add(
    transaction: DatabaseTransaction,
    entry: Pick<WaitlistEntry, 'id' | 'eventId' | 'name' | 'email' | 'quantity' | 'createdAt'>,
  ): Promise<bigint> {
    this.database.assertAvailable()
    const waiting = { state: 'WAITING', holdId: null, verifiedAt: null, offeredAt: null, settledAt: null } as const
    const seq = this.database.nextId()
    await this.database.waitlistEntries.insert(transaction, { ...entry, ...waiting, seq })
    return seq
  }

  async position(transaction: DatabaseTransaction | null, eventId: string, seq: bigint): Promise<number> {
    this.database.assertAvailable()
    const isBefore = (entry: WaitlistEntry) => entry.seq <= seq && isQueued(entry)
    return this.database.waitlistEntries.whereKey(transaction, 'eventId', eventId, isBefore).length
  }

  async list(eventId: string, { after, state }: EntryFilter, limit: number): Promise<EntryWithHold[]> {
    this.database.assertAvailable()
    const entries = this.inOrder(null, eventId, (entry) => {
      return (after === undefined || entry.seq > after) && (state === undefined || entry.state === state)
    })
    return entries.slice(0, limit).map((entry) => this.withHold(entry))
  }

  async find(id: string): Promise<EntryWithHold | null> {
    this.database.assertAvailable()
    const entry = this.database.waitlistEntries.get(null, id)
    return entry ? this.withHold(entry) : null
  }

  leave(id: string, from: EntryState, at: Date): Promise<boolean> {
    this.database.assertAvailable()
    const left = { state: 'LEFT', settledAt: at } as const
    return this.database.waitlistEntries.update(null, id, left, ({ state }) => state === from)
  }

  async lock(transaction: DatabaseTransaction, eventId: string, id: string): Promise<WaitlistEntry | null> {
    this.database.assertAvailable()
    if (this.database.waitlistEntries.get(transaction, id)) {
      await memoryTransaction(transaction)?.lock(this.database.waitlistEntries.lockOf(id))
    }
    const entry = this.database.waitlistEntries.get(transaction, id)
    return entry?.eventId === eventId ? entry : null
  }

  async lockEligible(
    transaction: DatabaseTransaction,
    eventId: string,
    { verifiedOnly, maxQuantity, limit }: EligibleFilter,
  ): Promise<WaitlistEntry[]> {
    this.database.assertAvailable()
    const locked: WaitlistEntry[] = []
    for (const entry of this.eligible(transaction, eventId, verifiedOnly)) {
      if (locked.length === limit) break
      if (entry.quantity > maxQuantity) continue
      const lock = this.database.waitlistEntries.lockOf(entry.id)
      if (memoryTransaction(transaction)?.tryLock(lock)) locked.push(entry)
    }
    return locked
  }

  async offer(transaction: DatabaseTransaction, id: string, holdId: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    const offered = { state: 'OFFERED', holdId, offeredAt: at } as const
    const exists = await this.database.waitlistEntries.update(transaction, id, offered)
    if (!exists) throw new Error(`there is no entry ${id}`)
  }

  async eventsToOffer(verifiedOnly: boolean): Promise<string[]> {
    this.database.assertAvailable()
    const now = this.database.clock.now()
    const selling = this.database.events.where(null, (event) => isOpen(event, now) && event.pausedSince === null)
    const deciding = selling.filter(({ id, waitlistPolicy, redAlarmSince }) => {
      const balances = balancesIn(this.database, null, id)
      if (this.soldOutSince(null, id) !== null && !isSoldOut(balances)) return true
      if (waitlistPolicy !== 'AUTOMATIC' || redAlarmSince === null) return false
      const free = unitsOf(balances, allocated(DIRECT))
      return this.eligible(null, id, verifiedOnly).some(({ quantity }) => quantity <= free)
    })
    return deciding.map(({ id }) => id)
  }

  async isSoldOut(transaction: DatabaseTransaction, eventId: string): Promise<boolean> {
    this.database.assertAvailable()
    return this.soldOutSince(transaction, eventId) !== null
  }

  async endSoldOut(transaction: DatabaseTransaction, eventId: string): Promise<void> {
    this.database.assertAvailable()
    if (this.soldOutSince(transaction, eventId) === null) return
    await this.database.ledgers.update(transaction, eventId, { soldOutSince: null })
  }

  async verify(id: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    const isUnverified = ({ verifiedAt }: WaitlistEntry) => verifiedAt === null
    await this.database.waitlistEntries.update(null, id, { verifiedAt: at }, isUnverified)
  }

  async countOf(transaction: DatabaseTransaction, eventId: string, email: string, since: Date): Promise<number> {
    this.database.assertAvailable()
    const isCounted = (entry: WaitlistEntry) => addressOf(entry) === addressOf({ email }) && entry.createdAt >= since
    return this.database.waitlistEntries.whereKey(transaction, 'eventId', eventId, isCounted).length
  }

  async queue(transaction: DatabaseTransaction, eventId: string): Promise<QueuedEntry[]> {
    this.database.assertAvailable()
    return this.inOrder(transaction, eventId, isQueued).map(({ id, seq, state }) => ({ id, seq, state }))
  }

  async reorder(transaction: DatabaseTransaction, places: readonly Pick<QueuedEntry, 'id' | 'seq'>[]): Promise<void> {
    this.database.assertAvailable()
    for (const { id, seq } of places) await this.database.waitlistEntries.update(transaction, id, { seq })
  }

  async deleteUnverified(before: Date): Promise<number> {
    this.database.assertAvailable()
    return this.database.waitlistEntries.deleteWhere(null, ({ verifiedAt, holdId, createdAt }) => {
      return verifiedAt === null && holdId === null && createdAt < before
    })
  }

  private soldOutSince(scope: Scope, eventId: string): Date | null {
    return this.database.ledgers.get(scope, eventId)?.soldOutSince ?? null
  }

  private eligible(scope: Scope, eventId: string, verifiedOnly: boolean): WaitlistEntry[] {
    const entries = this.inOrder(scope, eventId)
    const lastOffers = new Map<string, number>()
    for (const entry of entries) {
      const address = addressOf(entry)
      lastOffers.set(address, Math.max(lastOffers.get(address) ?? -Infinity, excludedUntil(entry)))
    }
    return entries.filter((entry) => {
      const lastOffer = lastOffers.get(addressOf(entry)) ?? -Infinity
      const isConfirmed = entry.verifiedAt !== null || !verifiedOnly
      return entry.state === 'WAITING' && isConfirmed && lastOffer < entry.createdAt.getTime()
    })
  }

  private inOrder(scope: Scope, eventId: string, matches?: (entry: WaitlistEntry) => boolean): WaitlistEntry[] {
    const entries = this.database.waitlistEntries.whereKey(scope, 'eventId', eventId, matches)
    return entries.toSorted((a, b) => (a.seq < b.seq ? -1 : 1))
  }

  private withHold(entry: WaitlistEntry): EntryWithHold {
    return { ...entry, hold: this.database.holds.get(null, entry.holdId ?? '') ?? null }
  }
}

function addressOf({ email }: Pick<WaitlistEntry, 'email'>): string {
  return email.toLowerCase()
}

/** Entries of the same address that were created until then, in ms, get no offer because of this one. */
function excludedUntil({ state, offeredAt }: WaitlistEntry): number {
  if (state === 'OFFERED') return Infinity
  return (state === 'CONFIRMED' || state === 'LAPSED') && offeredAt ? offeredAt.getTime() : -Infinity
}

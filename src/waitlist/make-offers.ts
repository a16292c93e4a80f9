import { isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { mayPlatformsSellFreeUnits } from '../channels/channel-state.js'
import { isSoldOut, unitsOf, type LedgerAccount } from '../domain/stock/ledger-account.js'
import { NotFound, SoldOut, StateConflict } from '../domain/errors.js'
import type { Event } from '../domain/event-record.js'
import { holdAccounts, originOf } from '../domain/hold.js'
import type { Hold } from '../domain/hold-record.js'
import type { Movement } from '../domain/stock/posting.js'
import { newId } from '../infrastructure/ids.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import type { EventStore } from '../stock/event-store.js'
import type { LockedEvent } from '../stock/ledger.js'
import type { PostRequest, StockTransaction } from '../stock/stock-transaction.js'
import { saleConflict } from '../domain/sale-conflict.js'
import type { HoldSeats } from '../holds/hold-seats.js'
import type { HoldStore } from '../holds/hold-store.js'
import type { SeatStore } from '../seats/seat-store.js'
import type { WaitlistEntry, WaitlistStore } from './waitlist-store.js'

/** A hold offered to a waitlist entry. */
export interface Offer {
  event: Event
  entry: WaitlistEntry
  hold: Hold
}

export interface OfferTerms {
  /** Null: the first eligible entries whose full quantity is available. */
  entryId: string | null
  ttlSeconds: number
  /** Null: automatic, by the event's waitlist policy. */
  by: AuthenticatedUser | null
  /** Whether the address of an entry has to be verified. */
  verifiedOnly: boolean
  now: Date
}

export interface OfferStores {
  events: EventStore
  entries: WaitlistStore
  seats: SeatStore
  holds: HoldStore
  holdSeats: HoldSeats
}

interface SelectedEntry {
  holdId: string
  entry: WaitlistEntry
  seats: string[]
}

/** Number of entries that are locked at once. */
const MAX_CANDIDATES = 100

/** Units that may be offered. */
interface FreeUnits {
  sources: readonly LedgerAccount[]
  units: number
  /** Free seats, at most one per unit; null: the event has none. */
  seats: string[] | null
}

/**
 * Creates holds for waitlist entries, with the event and the entries locked, so that each entry gets one offer. Never
 * uses the safety stock. Throws NotFound, StateConflict and SoldOut for a single entry.
 */
export async function makeOffers(
  tx: StockTransaction,
  eventId: string,
  terms: OfferTerms,
  stores: OfferStores,
): Promise<Offer[]> {
  const { transaction, balances } = tx
  const { channels, ...event } = await stores.events.withChannels(transaction, eventId)
  const uncovered = mayPlatformsSellFreeUnits(channels, balances)
  const free = await freeUnits(tx, event, offerSources(event, terms, uncovered), stores.seats)
  const entries =
    terms.entryId === null
      ? await lockNextEntries(transaction, event, terms, free, stores.entries)
      : [await lockEntry(transaction, event, terms.entryId, terms, stores.entries)]
  const selected = selectEntries(entries, free)
  if (terms.entryId !== null && selected.length === 0) throw new SoldOut('Not enough tickets are available.')
  // No entry takes what is free: everyone may, and people who join the waitlist from now on could buy instead.
  if (selected.length === 0 && !isSoldOut(balances)) await stores.entries.endSoldOut(transaction, eventId)
  const posted = await tx.postAll(selected.map((selection) => postRequestOf(selection, free.sources, terms)))
  const offers = selected.flatMap((selection, index): Offer[] => {
    const movements = posted[index]
    return movements ? [{ event, entry: selection.entry, hold: holdOf(selection, event, terms, movements) }] : []
  })
  if (terms.entryId !== null && offers.length === 0) throw new SoldOut('The tickets have just been sold.')
  await writeOffers(transaction, eventId, offers, terms.now, stores)
  return offers
}

/** Inserts the holds and updates their waitlist entries. */
async function writeOffers(
  transaction: DatabaseTransaction,
  eventId: string,
  offers: readonly Offer[],
  now: Date,
  { entries, holds, holdSeats }: OfferStores,
): Promise<void> {
  const offered = offers.map(({ hold }) => hold)
  await holds.insert(transaction, offered)
  await holdSeats.claim(transaction, eventId, offered)
  for (const { entry, hold } of offers) await entries.offer(transaction, entry.id, hold.id, now)
}

async function lockEntry(
  transaction: DatabaseTransaction,
  event: Event,
  id: string,
  { now, verifiedOnly }: OfferTerms,
  entries: WaitlistStore,
): Promise<WaitlistEntry> {
  const entry = await entries.lock(transaction, event.id, id)
  if (!entry) throw new NotFound('There is no such entry.')
  const conflict = saleConflict(event, 'CUSTOMER', now)
  if (conflict) throw conflict
  if (entry.state !== 'WAITING') throw new StateConflict(`The entry is already ${entry.state}.`)
  if (verifiedOnly && !entry.verifiedAt)
    throw new StateConflict('The e-mail address of this entry is not confirmed yet. Its owner has the link.')
  return entry
}

/** None while the tickets are on general sale: everyone can buy them then. Only entries that the free units suffice for. */
async function lockNextEntries(
  transaction: DatabaseTransaction,
  event: Event,
  { verifiedOnly, now }: OfferTerms,
  { units }: FreeUnits,
  entries: WaitlistStore,
): Promise<WaitlistEntry[]> {
  const closed = saleConflict(event, 'CUSTOMER', now) !== null
  if (closed || event.waitlistPolicy !== 'AUTOMATIC' || units === 0) return []
  const filter = { verifiedOnly, maxQuantity: units, limit: MAX_CANDIDATES }
  const onGeneralSale = event.redAlarmSince === null && !(await entries.isSoldOut(transaction, event.id))
  return onGeneralSale ? [] : entries.lockEligible(transaction, event.id, filter)
}

async function freeUnits(
  { transaction, balances }: LockedEvent,
  event: Event,
  sources: readonly LedgerAccount[],
  seatStore: SeatStore,
): Promise<FreeUnits> {
  const units = sources.reduce((sum, account) => sum + Math.max(0, unitsOf(balances, account)), 0)
  // An event with a seat chart offers only units that have a seat; platform units have none.
  const seats = event.seatCount > 0 && units > 0 ? await seatStore.free(transaction, event.id, units) : null
  return { sources, units: seats?.length ?? units, seats }
}

/** In queue order, the entries whose full quantity fits the free units; at most one per address. */
function selectEntries(entries: readonly WaitlistEntry[], { units, seats }: FreeUnits): SelectedEntry[] {
  let left = units
  const addresses = new Set<string>()
  const fitting = entries.filter(({ email, quantity }) => {
    const fits = quantity <= left && !addresses.has(email.toLowerCase())
    if (!fits) return false
    left -= quantity
    addresses.add(email.toLowerCase())
    return true
  })
  return fitting.map((entry) => ({ holdId: newId('hld'), entry, seats: seats?.splice(0, entry.quantity) ?? [] }))
}

/** As for holds: during a red alarm only staff use unallocated units, and never units that a platform could sell. */
function offerSources(event: Event, { by }: OfferTerms, uncovered: boolean): LedgerAccount[] {
  return holdAccounts('DIRECT', !uncovered && (by !== null || event.redAlarmSince === null))
}

function postRequestOf(
  { holdId, entry }: SelectedEntry,
  sources: readonly LedgerAccount[],
  { by }: OfferTerms,
): PostRequest {
  return {
    id: `hold:${holdId}:taken`,
    postings: [{ quantity: entry.quantity, sources, destination: 'HELD' }],
    reason: 'offered to the waitlist',
    ...(by && isStaff(by) ? { actor: by.email, operatorId: by.id } : { actor: null }),
    onInsufficient: 'skip',
  }
}

function holdOf(
  { holdId, entry, seats }: SelectedEntry,
  event: Event,
  terms: OfferTerms,
  movements: readonly Movement[],
): Hold {
  const { now, ttlSeconds } = terms
  return {
    id: holdId,
    eventId: event.id,
    accountId: null,
    state: 'HELD',
    source: 'DIRECT',
    quantity: entry.quantity,
    priceCents: event.priceCents ?? 0,
    ...originOf(movements),
    seats,
    expiresAt: new Date(now.getTime() + ttlSeconds * 1_000),
    createdAt: now,
    settledAt: null,
    orderId: null,
    idempotencyKey: null,
    requestHash: null,
  }
}

import { isStaff, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { mayPlatformsSellFreeUnits } from '../channels/channel-state.js'
import { unitsOf, type LedgerAccount } from '../domain/stock/ledger-account.js'
import { NotFound, SoldOut, StateConflict } from '../domain/errors.js'
import { holdAccounts, originOf } from '../domain/hold.js'
import type { Movement } from '../domain/stock/posting.js'
import type { Event, Hold, WaitlistEntry } from '../generated/prisma/client.js'
import { newId } from '../infrastructure/ids.js'
import type { LockedEvent } from '../stock/ledger.js'
import { prismaOf, type Transaction } from '../infrastructure/prisma/transaction.js'
import type { PostRequest, StockTransaction } from '../stock/stock-transaction.js'
import { saleConflict } from '../domain/sale-conflict.js'
import { claimSeats } from '../seats/seat-claims.js'
import { ELIGIBLE_ENTRY } from './offer-eligibility.js'
import { eventWithChannels } from '../infrastructure/prisma/channel-rows.js'

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
  now: Date
}

interface SelectedEntry {
  holdId: string
  entry: WaitlistEntry
  seats: string[]
}

/** Number of entries checked for ones that fit the free units. */
const MAX_CANDIDATES = 100

/**
 * Creates holds for waitlist entries, with the event and the entries locked, so that each entry gets one offer. Never
 * uses the safety stock. Throws NotFound, StateConflict and SoldOut for a single entry.
 */
export async function makeOffers(
  tx: StockTransaction,
  eventId: string,
  terms: OfferTerms,
  write: (tx: Transaction, offers: readonly Offer[]) => Promise<void>,
): Promise<Offer[]> {
  const prisma = prismaOf(tx)
  const { balances } = tx
  const { channels, ...event } = await eventWithChannels(prisma, eventId)
  const uncovered = mayPlatformsSellFreeUnits(channels, balances)
  const sources = offerSources(event, terms, uncovered)
  const entries =
    terms.entryId === null
      ? await lockNextEntries(prisma, event, terms.now)
      : [await lockEntry(prisma, event, terms.entryId, terms.now)]
  const selected = await selectEntries(tx, event, entries, sources)
  if (terms.entryId !== null && selected.length === 0) throw new SoldOut('Not enough tickets are available.')
  const posted = await tx.postAll(selected.map((selection) => postRequestOf(selection, sources, terms)))
  const offers = selected.flatMap((selection, index): Offer[] => {
    const movements = posted[index]
    return movements ? [{ event, entry: selection.entry, hold: holdOf(selection, event, terms, movements) }] : []
  })
  if (terms.entryId !== null && offers.length === 0) throw new SoldOut('The tickets have just been sold.')
  if (offers.length > 0) await write(prisma, offers)
  return offers
}

/** Inserts the holds and updates their waitlist entries. */
export async function writeOffers(tx: Transaction, offers: readonly Offer[], now: Date): Promise<void> {
  for (const { event, entry, hold } of offers) {
    await tx.hold.create({ data: hold })
    await claimSeats(tx, event.id, [hold])
    const data = { state: 'OFFERED', holdId: hold.id, offeredAt: now } as const
    await tx.waitlistEntry.update({ where: { id: entry.id }, data })
  }
}

async function lockEntry(tx: Transaction, event: Event, id: string, now: Date): Promise<WaitlistEntry> {
  await tx.$queryRaw`SELECT 1 FROM waitlist_entries WHERE id = ${id} FOR UPDATE`
  const entry = await tx.waitlistEntry.findFirst({ where: { id, eventId: event.id } })
  if (!entry) throw new NotFound('There is no such entry.')
  const conflict = saleConflict(event, 'CUSTOMER', now)
  if (conflict) throw conflict
  if (entry.state !== 'WAITING') throw new StateConflict(`The entry is already ${entry.state}.`)
  return entry
}

async function lockNextEntries(tx: Transaction, event: Event, now: Date): Promise<WaitlistEntry[]> {
  const closed = saleConflict(event, 'CUSTOMER', now) !== null || event.redAlarmSince !== null
  if (closed || event.waitlistPolicy !== 'AUTOMATIC') return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM waitlist_entries entry WHERE event_id = ${event.id} AND ${ELIGIBLE_ENTRY}
    ORDER BY seq LIMIT ${MAX_CANDIDATES} FOR UPDATE SKIP LOCKED`
  return tx.waitlistEntry.findMany({ where: { id: { in: rows.map(({ id }) => id) } }, orderBy: { seq: 'asc' } })
}

/** In queue order, the entries whose full quantity fits the free units; at most one per address. */
async function selectEntries(
  locked: LockedEvent,
  event: Event,
  entries: readonly WaitlistEntry[],
  sources: readonly LedgerAccount[],
): Promise<SelectedEntry[]> {
  const prisma = prismaOf(locked)
  const { balances } = locked
  let left = sources.reduce((sum, account) => sum + Math.max(0, unitsOf(balances, account)), 0)
  const addresses = new Set<string>()
  const fitting = entries.filter(({ email, quantity }) => {
    const fits = quantity <= left && !addresses.has(email.toLowerCase())
    if (!fits) return false
    left -= quantity
    addresses.add(email.toLowerCase())
    return true
  })
  const seats = event.seatCount > 0 ? await findFreeSeats(prisma, event.id, fitting) : null
  return fitting.flatMap((entry) => {
    const assigned = seats?.splice(0, entry.quantity) ?? []
    // An event with a seat chart offers only units that have a seat; platform units have none.
    if (seats && assigned.length < entry.quantity) return []
    return [{ holdId: newId('hld'), entry, seats: assigned }]
  })
}

async function findFreeSeats(tx: Transaction, eventId: string, entries: readonly WaitlistEntry[]): Promise<string[]> {
  const needed = entries.reduce((sum, { quantity }) => sum + quantity, 0)
  const rows = await tx.seat.findMany({
    where: { eventId, claim: null },
    orderBy: { position: 'asc' },
    select: { seat: true },
    take: needed,
  })
  return rows.map(({ seat }) => seat)
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

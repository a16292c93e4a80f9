import { isStaff, type AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { channelStateOf } from '../../channels/channel-state.js'
import type { LedgerAccount as StockAccount } from '../../domain/ledger-account.js'
import { NotFound, SoldOut, StateConflict } from '../../domain/errors.js'
import { hasUncoveredChannel } from '../../domain/follow-exposure.js'
import { holdAccounts, originOf } from '../../domain/hold.js'
import type { Movement } from '../../domain/posting.js'
import type { Event, Hold, WaitlistEntry } from '../../generated/prisma/client.js'
import { newId } from '../../infrastructure/ids.js'
import type { LockedEvent, Transaction } from '../../inventory/ledger.js'
import type { PostRequest, StockTransaction } from '../../inventory/stock-transaction.js'
import { saleRefusal } from '../on-sale.js'
import { claimSeats } from '../seat-claims.js'
import { IN_TURN } from './in-turn.js'

/** What is offered, to whom. */
export interface Offer {
  event: Event
  entry: WaitlistEntry
  hold: Hold
}

export interface OfferTerms {
  /** Null: the next in line whose wish can be met. */
  entryId: string | null
  ttlSeconds: number
  /** Null: by the event's own policy. */
  by: AuthenticatedUser | null
  now: Date
}

interface Chosen {
  holdId: string
  entry: WaitlistEntry
  seats: string[]
}

/** How many in line are looked at for ones that fit what is free. */
const LOOK_AT = 100

/**
 * Makes holds for people on the waitlist, under the event's lock and that of their entries: each is offered tickets
 * once. The safety stock is never touched. Throws NotFound, StateConflict and SoldOut for a single entry.
 */
export async function makeOffers(
  tx: StockTransaction,
  eventId: string,
  terms: OfferTerms,
  write: (tx: Transaction, offers: readonly Offer[]) => Promise<void>,
): Promise<Offer[]> {
  const { prisma, balances } = tx
  const { channels, ...event } = await prisma.event.findUniqueOrThrow({
    where: { id: eventId },
    include: { channels: true },
  })
  const uncovered = hasUncoveredChannel(
    balances,
    channels.map((channel) => channelStateOf(channel, balances)),
  )
  const from = sources(event, terms, uncovered)
  const entries =
    terms.entryId === null
      ? await nextInLine(prisma, event, terms.now)
      : [await theEntry(prisma, event, terms.entryId, terms.now)]
  const chosen = await choose(tx, event, entries, from)
  if (terms.entryId !== null && chosen.length === 0) throw new SoldOut('Not as many tickets are free.')
  const posted = await tx.postAll(chosen.map((choice) => postOf(choice, from, terms)))
  const offers = chosen.flatMap((choice, index): Offer[] => {
    const movements = posted[index]
    return movements ? [{ event, entry: choice.entry, hold: holdOf(choice, event, terms, movements) }] : []
  })
  if (terms.entryId !== null && offers.length === 0) throw new SoldOut('The tickets were taken at this moment.')
  if (offers.length > 0) await write(prisma, offers)
  return offers
}

/** Writes the holds, and the entries that they belong to. */
export async function writeOffers(tx: Transaction, offers: readonly Offer[], now: Date): Promise<void> {
  for (const { event, entry, hold } of offers) {
    await tx.hold.create({ data: hold })
    await claimSeats(tx, event.id, [hold])
    const data = { state: 'OFFERED', holdId: hold.id, offeredAt: now } as const
    await tx.waitlistEntry.update({ where: { id: entry.id }, data })
  }
}

async function theEntry(tx: Transaction, event: Event, id: string, now: Date): Promise<WaitlistEntry> {
  await tx.$queryRaw`SELECT 1 FROM waitlist_entries WHERE id = ${id} FOR UPDATE`
  const entry = await tx.waitlistEntry.findFirst({ where: { id, eventId: event.id } })
  if (!entry) throw new NotFound('There is no such entry.')
  const refusal = saleRefusal(event, 'CUSTOMER', now)
  if (refusal) throw refusal
  if (entry.state !== 'WAITING') throw new StateConflict(`The entry is ${entry.state} already.`)
  return entry
}

async function nextInLine(tx: Transaction, event: Event, now: Date): Promise<WaitlistEntry[]> {
  const closed = saleRefusal(event, 'CUSTOMER', now) !== null || event.redAlarmSince !== null
  if (closed || event.waitlistPolicy !== 'AUTOMATIC') return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM waitlist_entries entry WHERE event_id = ${event.id} AND ${IN_TURN}
    ORDER BY seq LIMIT ${LOOK_AT} FOR UPDATE SKIP LOCKED`
  return tx.waitlistEntry.findMany({ where: { id: { in: rows.map(({ id }) => id) } }, orderBy: { seq: 'asc' } })
}

/** In order, those whose whole wish can be met with what is free; of one address one. */
async function choose(
  { prisma, balances }: LockedEvent,
  event: Event,
  entries: readonly WaitlistEntry[],
  from: readonly StockAccount[],
): Promise<Chosen[]> {
  let left = from.reduce((sum, account) => sum + Math.max(0, balances[account]), 0)
  const addresses = new Set<string>()
  const fitting = entries.filter(({ email, quantity }) => {
    const fits = quantity <= left && !addresses.has(email.toLowerCase())
    if (!fits) return false
    left -= quantity
    addresses.add(email.toLowerCase())
    return true
  })
  const seats = event.seatCount > 0 ? await freeSeats(prisma, event.id, fitting) : null
  return fitting.flatMap((entry) => {
    const own = seats?.splice(0, entry.quantity) ?? []
    // Units without a seat, such as those for platforms, are of no use to somebody who is to sit.
    if (seats && own.length < entry.quantity) return []
    return [{ holdId: newId('hld'), entry, seats: own }]
  })
}

async function freeSeats(tx: Transaction, eventId: string, entries: readonly WaitlistEntry[]): Promise<string[]> {
  const wanted = entries.reduce((sum, { quantity }) => sum + quantity, 0)
  const rows = await tx.seat.findMany({
    where: { eventId, claim: null },
    orderBy: { position: 'asc' },
    select: { seat: true },
    take: wanted,
  })
  return rows.map(({ seat }) => seat)
}

/** By hand also what belongs to no channel after the red alarm, as for every hold of staff; never what a platform could sell. */
function sources(event: Event, { by }: OfferTerms, uncovered: boolean): StockAccount[] {
  return holdAccounts('DIRECT', !uncovered && (by !== null || event.redAlarmSince === null))
}

function postOf({ holdId, entry }: Chosen, from: readonly StockAccount[], { by }: OfferTerms): PostRequest {
  return {
    id: `hold:${holdId}:taken`,
    postings: [{ quantity: entry.quantity, sources: from, destination: 'HELD' }],
    reason: 'offered to the waitlist',
    actor: by && isStaff(by) ? by.email : null,
    onInsufficient: 'skip',
  }
}

function holdOf(
  { holdId, entry, seats }: Chosen,
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

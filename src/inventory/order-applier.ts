import type { Platform } from '../domain/channel.js'
import { oversoldUnits, type Movement } from '../domain/posting.js'
import { changesTickets, differenceOf } from '../domain/order-difference.js'
import type { PrismaClient } from '../generated/prisma/client.js'
import { dataErrorReason, isDataError } from '../infrastructure/prisma/data-error.js'
import { BatchLane } from './batch-lane.js'
import { isolate } from './isolate.js'
import type { LockedEvent } from './ledger.js'
import type { PostRequest, StockTransaction } from './stock-transaction.js'
import type { Stock } from './stock.js'
import { ownTickets, unstorableReason, versionsAreReadTimes, wellFormedSnapshot, type OrderFact } from './order-fact.js'
import { postingsOf } from './order-postings.js'
import { isNews, OrderPlan, type PlannedOrder } from './order-plan.js'
import { roundsOf } from './order-rounds.js'
import {
  orderKey,
  readHolders,
  readOrders,
  ticketKey,
  writeOrders,
  writeTickets,
  writeVersions,
  type OrderRows,
} from './order-rows.js'

export interface AppliedOrder {
  platform: Platform
  externalOrderId: string
  /** When it was placed, as the platform tells; null: it does not. */
  placedAt: Date | null
  /** Live tickets after minus before; tickets that came from another order or went to one are not in it. */
  delta: number
  /** False: a repeat, older than the record, or nothing new. */
  changed: boolean
  /** Why it could not be stored, without personal data; null: it could. */
  refused: string | null
  /** Tickets of this order that exceed the capacity. */
  oversold: number
  movements: readonly Movement[]
}

/** A fact and its place among those that were given. */
interface Indexed {
  index: number
  fact: OrderFact
}

/** Bounds a statement and a transaction. */
const MAX_CONCURRENT = 250
/**
 * Where versions are times of reading, an order that is read again unchanged keeps its version for so long, ms. An older
 * reading that comes late may win against it for that time, until the order is read once more.
 */
const VERSION_KEPT_MS = 15 * 60_000

/**
 * The one way in which platform sales enter the ledger: webhooks, polls, sweeps and reconciliation all come through
 * here. Convergent: the input is what an order *is*, and what moves is the difference to what is recorded, computed
 * under the event's lock. What changes nothing writes nothing and does not ask for the lock.
 */
export class OrderApplier {
  private readonly lane = new BatchLane<readonly OrderFact[], AppliedOrder[]>((eventId, pages) =>
    this.applyPages(eventId, pages),
  )

  constructor(
    private readonly prisma: PrismaClient,
    private readonly stock: Stock,
  ) {}

  /**
   * Answers in the order of the facts. One that cannot be stored is answered as `refused`, and all the others are
   * applied. Throws when Redis or PostgreSQL does not answer; applying again is always safe.
   */
  async apply(eventId: string, facts: readonly OrderFact[]): Promise<AppliedOrder[]> {
    const results = facts.map((fact) => {
      const reason = unstorableReason(fact.snapshot)
      return reason === null ? unchanged(fact) : refused(fact, reason)
    })
    const storable = facts.flatMap((fact, index) =>
      results[index]?.refused === null
        ? [{ index, fact: { ...fact, snapshot: wellFormedSnapshot(fact.snapshot) } }]
        : [],
    )
    for (const part of inParts(storable)) {
      const fresh = await this.changedOnly(eventId, part)
      if (fresh.length === 0) continue
      const page = fresh.map(({ fact }) => fact)
      const applied = await this.lane.submit(eventId, page)
      fresh.forEach(({ index }, place) => (results[index] = applied[place] as AppliedOrder))
    }
    return results
  }

  /** Those that may change the record; a look without a lock shows most of them not to. */
  private async changedOnly(eventId: string, page: readonly Indexed[]): Promise<Indexed[]> {
    const keys = page.map(({ fact }) => keyOf(fact))
    const { orders } = await readOrders(this.prisma, eventId, keys)
    const read = new Map<string, string>()
    const fresh = page.filter(({ fact }) => {
      const recorded = orders.get(orderKey(fact.platform, fact.snapshot.orderId)) ?? null
      const difference = differenceOf(recorded, ownTickets(fact))
      if (difference && isNews(fact, recorded, difference)) return true
      if (recorded && isStale(fact, recorded.version)) read.set(recorded.id, fact.snapshot.version)
      return false
    })
    await writeVersions(
      this.prisma,
      [...read].map(([id, version]) => ({ id, version })),
    )
    return fresh
  }

  private async applyPages(eventId: string, pages: readonly (readonly OrderFact[])[]): Promise<AppliedOrder[][]> {
    const results = new Map<OrderFact, AppliedOrder>()
    for (const part of inParts(pages.flat())) {
      for (const round of roundsOf(part)) {
        const applied = await isolate(
          round,
          (some) => this.stock.transact(eventId, (tx) => applyRound(tx, eventId, some)),
          isDataError,
          (fact, error) => refused(fact, dataErrorReason(error) ?? 'refused by the database'),
        )
        round.forEach((fact, index) => results.set(fact, applied[index] as AppliedOrder))
      }
    }
    return pages.map((page) => page.map((fact) => results.get(fact) ?? unchanged(fact)))
  }
}

function inParts<T>(items: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let start = 0; start < items.length; start += MAX_CONCURRENT)
    parts.push(items.slice(start, start + MAX_CONCURRENT))
  return parts
}

async function applyRound(tx: StockTransaction, eventId: string, facts: readonly OrderFact[]): Promise<AppliedOrder[]> {
  const plan = new OrderPlan(await recordedRows(tx, eventId, facts))
  const planned = plan.apply(facts, new Date())
  const posted = await tx.postAll(planned.map((order) => postOf(eventId, order)))
  await writeOrders(tx.prisma, eventId, plan.orders)
  await writeTickets(tx.prisma, eventId, plan.tickets)
  return planned.map((order, index) => appliedOf(order, posted[index] ?? []))
}

/** The orders, and those that have tickets of theirs now. */
async function recordedRows({ prisma }: LockedEvent, eventId: string, facts: readonly OrderFact[]): Promise<OrderRows> {
  const own = await readOrders(prisma, eventId, facts.map(keyOf))
  const strange = facts.flatMap(({ platform, snapshot }) =>
    snapshot.tickets
      .filter(({ ticketId, live }) => live && !own.tickets.has(ticketKey(platform, ticketId)))
      .map(({ ticketId }) => ({ platform, externalTicketId: ticketId })),
  )
  const holders = await readHolders(prisma, eventId, strange)
  return {
    orders: new Map([...holders.orders, ...own.orders]),
    tickets: new Map([...holders.tickets, ...own.tickets]),
  }
}

function postOf(eventId: string, { fact, difference, revision }: PlannedOrder): PostRequest {
  const { platform, snapshot } = fact
  const delta = difference?.delta ?? 0
  return {
    // The revision makes the id one of this very change: a count alone would swallow a return to an old number.
    id: `${eventId}:${platform}:${snapshot.orderId}:r${revision}:${delta}`,
    postings: postingsOf(platform, delta),
    reason: delta > 0 ? 'platform sale' : 'platform cancellation',
    actor: null,
    onInsufficient: 'rebuild',
  }
}

function keyOf({ platform, snapshot }: OrderFact) {
  return { platform, externalOrderId: snapshot.orderId }
}

function isStale({ platform, snapshot }: OrderFact, version: string): boolean {
  return versionsAreReadTimes(platform) && Date.parse(snapshot.version) - Date.parse(version) >= VERSION_KEPT_MS
}

function unchanged({ platform, snapshot }: OrderFact): AppliedOrder {
  const { orderId: externalOrderId, placedAt } = snapshot
  return { platform, externalOrderId, placedAt, delta: 0, changed: false, refused: null, oversold: 0, movements: [] }
}

function refused(fact: OrderFact, reason: string): AppliedOrder {
  return { ...unchanged(fact), refused: reason }
}

function appliedOf({ fact, difference }: PlannedOrder, movements: readonly Movement[]): AppliedOrder {
  return {
    ...unchanged(fact),
    delta: difference?.delta ?? 0,
    changed: difference !== null && changesTickets(difference),
    oversold: oversoldUnits(movements),
    movements,
  }
}

import type { CallContext, Cursor, ListingObservation, ListScope, OrderPage, Outcome } from '../port.js'
import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import { operationOf, type OperationContext } from '../operation.js'
import { withinContract, type JsonObject } from './contract.js'
import type { EventMemory } from './event-memory.js'
import { isClosed, modeOf, readLimit, stateOf } from './event-state.js'
import { freshProgress, parseCursor, toCursor, type Progress, type Watermark } from './listing-cursor.js'
import { afterCheck, afterEmptyPage, afterPage, goesInCircles, type Step } from './listing-steps.js'
import { pollSize } from './operations.js'
import { UNSPECIFIED_WAIT_MS } from './rate-limited.js'
import { emptiness, headsOnPage, readRsvpPage } from './rsvp-page.js'
import type { PageRead, RsvpQuery } from './rsvp-query.js'

/** A list that looks unchanged is read again all the same after this, ms. */
const MAX_TRUST_MS = 300_000
/** Times are told to the second, so a newest change younger than this may hide another one, ms. */
const SETTLED_MS = 10_000
/** Pages searched for one RSVP. */
const SEARCHED_PAGES = 5
/** So often a list is looked at that shows nobody though somebody is in it. */
const LOOKS_AT_NOTHING = 2
/** So often one that shows nobody and claims that more follows: then it is said to be out of order. */
const LOOKS_AT_A_BROKEN_LIST = 5
const MAX_REMEMBERED = 1_000

export interface RsvpListingParts {
  query: RsvpQuery
  memory: EventMemory
  now: () => Date
  /** Rows that one page may have. */
  pageSize: number
}

/** Lists RSVPs as orders: by change, newest first, down to the watermark or to the end. */
export class RsvpListing {
  /** How often each list in a row showed nobody though somebody is in it. */
  private readonly unseen = new Map<string, number>()

  constructor(private readonly parts: RsvpListingParts) {}

  async list(
    eventId: string,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    const from = cursor === null ? freshProgress(scope, null) : parseCursor(cursor)
    if (from === null) return { kind: 'REJECTED', code: 'INVALID_CURSOR', message: 'not a cursor of a Meetup listing' }
    if (from.step === 'done') {
      const fresh = freshProgress(scope, scope === 'full' ? null : from.newest)
      return this.readPage(eventId, fresh, context, scope === 'changed' ? from : null)
    }
    const since = scope === 'full' ? null : from.since
    return this.readPage(eventId, from.scope === scope ? from : freshProgress(scope, since), context, null)
  }

  /** Null: not among the RSVPs changed last. That proves nothing: there may be more, and hidden members show nowhere. */
  async find(eventId: string, orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>> {
    let cursor: Cursor | null = null
    for (let pages = 0; pages < SEARCHED_PAGES; pages++) {
      const read: Outcome<OrderPage> = await this.list(eventId, 'full', cursor, context)
      if (read.kind !== 'OK') return read
      const found = read.value.snapshots.find((snapshot) => snapshot.orderId === orderId)
      if (found) return { kind: 'OK', value: found }
      if (read.value.done) break
      cursor = read.value.nextCursor
    }
    return { kind: 'OK', value: null }
  }

  /** `mark`: where an earlier listing left off; a list that still looks as it did then has nothing new. */
  private async readPage(
    id: string,
    from: Progress,
    context: CallContext,
    mark: Watermark | null,
  ): Promise<Outcome<OrderPage>> {
    const { pageSize, memory } = this.parts
    if (goesInCircles(from, pageSize)) {
      return { kind: 'UNAVAILABLE', reason: `Meetup's list does not end: ${from.rows} rows in ${from.pages} pages` }
    }
    const size = this.sizeFor(id, from, mark, context)
    const read = await this.page(id, from, size, operationOf(context, from.pages > 0))
    if (read.kind !== 'OK') return read
    if (from.after === null) memory.note(id, { added: 0 })
    const { event } = read.value
    const page = mark && this.isQuiet(event, mark) ? quietPage(mark) : this.understand(event, id, from)
    if (page.kind !== 'OK') return page
    return { kind: 'OK', value: { ...page.value, observed: this.observe(read.value, memory.of(id).hybrid) } }
  }

  /** A list that fits a page is read whole where its count is wanted: a reading that counts costs as much again. */
  private sizeFor(id: string, from: Progress, mark: Watermark | null, { count = false }: CallContext): number {
    const { memory, pageSize, now } = this.parts
    // The newest change and the counts tell whether the list moved.
    if (from.step === 'check') return 1
    const { rows } = memory.of(id)
    if (mark === null || (count && rows !== null && rows <= pageSize)) return pageSize
    const since = { ageMs: now().getTime() - mark.readAt, promotions: memory.promotions(id) }
    return Math.min(pageSize, pollSize(mark.recent, since))
  }

  private async page(id: string, from: Progress, size: number, context: OperationContext): Promise<Outcome<PageRead>> {
    const { query } = this.parts
    const first = from.scope === 'full' && from.step === 'page' && from.pages === 0
    const kept = first ? query.take(id) : null
    return kept ? { kind: 'OK', value: kept } : query.page(id, size, from.after, context)
  }

  private understand(event: JsonObject, id: string, from: Progress): Outcome<OrderPage> {
    const firstPage = from.step === 'check' || from.after === null
    const read = firstPage ? { rows: 0, unreadable: 0, total: null } : from
    const empty = withinContract(() => emptiness(event, read))
    if (empty.kind !== 'OK') return empty
    if (empty.value !== 'NONE') return this.afterEmpty(id, from, firstPage, empty.value === 'HIDDEN')
    if (firstPage) this.unseen.delete(id)
    const page = withinContract(() => readRsvpPage(event, id))
    if (page.kind !== 'OK') return page
    if (page.value.next !== null && page.value.next === from.after) {
      return { kind: 'UNAVAILABLE', reason: "Meetup's list names the same page as its next" }
    }
    this.parts.memory.note(id, { rows: page.value.total })
    const { snapshots, unreadable } = page.value
    const now = this.parts.now().getTime()
    const step = from.step === 'check' ? afterCheck(from, page.value) : afterPage(from, page.value, now)
    return pageOf(step, snapshots, unreadable)
  }

  /** A list whose members are all hidden looks like one that is throttled, but for longer. Nothing is concluded of it. */
  private afterEmpty(id: string, from: Progress, firstPage: boolean, hidden: boolean): Outcome<OrderPage> {
    if (!firstPage) return pageOf(afterEmptyPage(from))
    const looks = (this.unseen.get(id) ?? 0) + 1
    if (this.unseen.size > MAX_REMEMBERED) this.unseen.clear()
    this.unseen.set(id, looks)
    if (hidden && looks > LOOKS_AT_NOTHING) return pageOf(afterEmptyPage({ ...from, restarts: Infinity }))
    if (looks > LOOKS_AT_A_BROKEN_LIST) return { kind: 'UNAVAILABLE', reason: "Meetup's list shows none of its rows" }
    return { kind: 'THROTTLED', resumeAt: new Date(this.parts.now().getTime() + UNSPECIFIED_WAIT_MS) }
  }

  private isQuiet(event: JsonObject, { print, newest, readAt }: Watermark): boolean {
    const now = this.parts.now().getTime()
    const settled = newest === null || readAt - newest >= SETTLED_MS
    if (print === null || !settled || now - readAt >= MAX_TRUST_MS || now < readAt) return false
    const page = withinContract(() => readRsvpPage(event, ''))
    return page.kind === 'OK' && page.value.unreadable.length === 0 && page.value.print === print
  }

  /** What the page shows of the event; one limit means nothing where each venue has its own. */
  private observe({ event, at }: PageRead, hybrid: boolean): ListingObservation {
    const limit = withinContract(() => readLimit(event['maxTickets'], 'event.maxTickets'))
    const cap = limit.kind === 'OK' && !hybrid ? limit.value : null
    const heads = withinContract(() => headsOnPage(event))
    // A payment under way holds its seat and is counted as sold.
    const counted = heads.kind === 'OK' && heads.value ? { sold: heads.value.atLeast, pending: 0 } : null
    const mode = modeOf(cap, isClosed(event), counted?.sold ?? null)
    return { cap, mode, state: stateOf(event['status']), counted, asOf: new Date(at) }
  }
}

function quietPage(mark: Watermark): Outcome<OrderPage> {
  return pageOf({ kind: 'DONE', cursor: mark, platformCount: null })
}

function pageOf(
  step: Step,
  snapshots: OrderSnapshot[] = [],
  unreadable: NonNullable<OrderPage['unreadable']> = [],
): Outcome<OrderPage> {
  const done = step.kind === 'DONE'
  const platformCount = done ? step.platformCount : null
  return { kind: 'OK', value: { snapshots, unreadable, nextCursor: toCursor(step.cursor), done, platformCount } }
}

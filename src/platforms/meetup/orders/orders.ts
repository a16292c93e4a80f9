import type { CallContext, Cursor, ListingObservation, ListScope, OrderPage, Outcome } from '../../port.js'
import type { OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import { operationOf, type OperationContext } from '../../operation.js'
import type { JsonObject } from '../../kit/response-shape.js'
import { decode } from '../../kit/outcomes.js'
import type { EventCache } from '../caps/event-cache.js'
import { isClosed, modeOf, readLimit, stateOf } from '../caps/event-state.js'
import { freshProgress, readCursor, toCursor, type Progress, type Watermark } from './cursor.js'
import { afterCheck, afterEmptyPage, afterPage, isEndlessListing, type Step } from './listing-steps.js'
import { pollSize } from '../client/operations.js'
import { UNSPECIFIED_WAIT_MS } from '../client/rate-limit.js'
import { emptiness, countAttendeesOnPage, readRsvpPage } from './rsvp-page.js'
import type { PageRead, RsvpQuery } from './rsvp-query.js'

/** How long an unchanged fingerprint is trusted, ms; then the list is read again. */
const MAX_UNCHANGED_AGE_MS = 300_000
/** Change times have whole seconds: a newest change younger than this may hide another one, ms. */
const SETTLED_MS = 10_000
/** Pages searched for one RSVP. */
const MAX_SEARCHED_PAGES = 5
/** How often an empty list with a count above 0 is retried before all its members count as hidden. */
const MAX_HIDDEN_LIST_RETRIES = 2
/** How often an empty page that claims a next page is retried before the list counts as unavailable. */
const MAX_BROKEN_LIST_RETRIES = 5
const MAX_TRACKED_EVENTS = 1_000

export interface OrdersParts {
  query: RsvpQuery
  cache: EventCache
  now: () => Date
  /** Maximum rows per page. */
  pageSize: number
}

/** Lists RSVPs as orders: sorted by change, newest first, to the watermark or to the end. */
export class Orders {
  /** Consecutive empty reads of each event's list that should have rows. */
  private readonly emptyReads = new Map<string, number>()

  constructor(private readonly parts: OrdersParts) {}

  async list(
    eventId: string,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    const from = cursor === null ? freshProgress(scope, null) : readCursor(cursor)
    if (from === null) return { kind: 'REJECTED', code: 'INVALID_CURSOR', message: 'not a cursor of a Meetup listing' }
    if (from.step === 'done') {
      const fresh = freshProgress(scope, scope === 'full' ? null : from.newest)
      return this.readPage(eventId, fresh, context, scope === 'changed' ? from : null)
    }
    const since = scope === 'full' ? null : from.since
    return this.readPage(eventId, from.scope === scope ? from : freshProgress(scope, since), context, null)
  }

  /** Searches the RSVPs changed last. Null is not conclusive: there may be more RSVPs, and hidden members are not listed. */
  async get(eventId: string, orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>> {
    let cursor: Cursor | null = null
    for (let pages = 0; pages < MAX_SEARCHED_PAGES; pages++) {
      const read: Outcome<OrderPage> = await this.list(eventId, 'full', cursor, context)
      if (read.kind !== 'OK') return read
      const found = read.value.snapshots.find((snapshot) => snapshot.orderId === orderId)
      if (found) return { kind: 'OK', value: found }
      if (read.value.done) break
      cursor = read.value.nextCursor
    }
    return { kind: 'OK', value: null }
  }

  /** `watermark`: where an earlier listing ended; a list with the same fingerprint has no changes. */
  private async readPage(
    id: string,
    from: Progress,
    context: CallContext,
    watermark: Watermark | null,
  ): Promise<Outcome<OrderPage>> {
    const { pageSize, cache } = this.parts
    if (isEndlessListing(from, pageSize)) {
      return { kind: 'UNAVAILABLE', reason: `Meetup's list does not end: ${from.rows} rows in ${from.pages} pages` }
    }
    const size = this.sizeFor(id, from, watermark, context)
    const read = await this.page(id, from, size, operationOf(context, from.pages > 0))
    if (read.kind !== 'OK') return read
    if (from.after === null) cache.update(id, { added: 0 })
    const { event } = read.value
    const page =
      watermark && this.isUnchanged(event, watermark) ? unchangedPage(watermark) : this.interpretPage(event, id, from)
    if (page.kind !== 'OK') return page
    return { kind: 'OK', value: { ...page.value, observed: this.observe(read.value, cache.get(id).hybrid) } }
  }

  /** If a count is requested, a list that fits on a page is read whole: a separate count would cost as much again. */
  private sizeFor(id: string, from: Progress, watermark: Watermark | null, { count = false }: CallContext): number {
    const { cache, pageSize, now } = this.parts
    // The newest change and the counts show whether the list changed.
    if (from.step === 'check') return 1
    const { rows } = cache.get(id)
    if (watermark === null || (count && rows !== null && rows <= pageSize)) return pageSize
    const since = { ageMs: now().getTime() - watermark.readAt, promotions: cache.promotedRows(id) }
    return Math.min(pageSize, pollSize(watermark.recent, since))
  }

  private async page(id: string, from: Progress, size: number, context: OperationContext): Promise<Outcome<PageRead>> {
    const { query } = this.parts
    const first = from.scope === 'full' && from.step === 'page' && from.pages === 0
    const stored = first ? query.take(id) : null
    return stored ? { kind: 'OK', value: stored } : query.page(id, size, from.after, context)
  }

  private interpretPage(event: JsonObject, id: string, from: Progress): Outcome<OrderPage> {
    const firstPage = from.step === 'check' || from.after === null
    const read = firstPage ? { rows: 0, unreadable: 0, total: null } : from
    const empty = decode(() => emptiness(event, read))
    if (empty.kind !== 'OK') return empty
    if (empty.value !== 'NONE') return this.afterEmpty(id, from, firstPage, empty.value === 'HIDDEN')
    if (firstPage) this.emptyReads.delete(id)
    const page = decode(() => readRsvpPage(event, id))
    if (page.kind !== 'OK') return page
    if (page.value.next !== null && page.value.next === from.after) {
      return { kind: 'UNAVAILABLE', reason: "a page of Meetup's list names itself as the next page" }
    }
    this.parts.cache.update(id, { rows: page.value.total })
    const { snapshots, unreadable } = page.value
    const now = this.parts.now().getTime()
    const step = from.step === 'check' ? afterCheck(from, page.value) : afterPage(from, page.value, now)
    return pageOf(step, snapshots, unreadable)
  }

  /** A list whose members are all hidden resembles a throttled one, but permanently. It is not conclusive. */
  private afterEmpty(id: string, from: Progress, firstPage: boolean, hidden: boolean): Outcome<OrderPage> {
    if (!firstPage) return pageOf(afterEmptyPage(from))
    const reads = (this.emptyReads.get(id) ?? 0) + 1
    if (this.emptyReads.size > MAX_TRACKED_EVENTS) this.emptyReads.clear()
    this.emptyReads.set(id, reads)
    if (hidden && reads > MAX_HIDDEN_LIST_RETRIES) return pageOf(afterEmptyPage({ ...from, restarts: Infinity }))
    if (reads > MAX_BROKEN_LIST_RETRIES)
      return { kind: 'UNAVAILABLE', reason: "Meetup's list returns none of its rows" }
    return { kind: 'THROTTLED', resumeAt: new Date(this.parts.now().getTime() + UNSPECIFIED_WAIT_MS) }
  }

  private isUnchanged(event: JsonObject, { print, newest, readAt }: Watermark): boolean {
    const now = this.parts.now().getTime()
    const settled = newest === null || readAt - newest >= SETTLED_MS
    if (print === null || !settled || now - readAt >= MAX_UNCHANGED_AGE_MS || now < readAt) return false
    const page = decode(() => readRsvpPage(event, ''))
    return page.kind === 'OK' && page.value.unreadable.length === 0 && page.value.fingerprint === print
  }

  /** The event as the page shows it; the limit of a hybrid event is ignored, since each venue has its own. */
  private observe({ event, at }: PageRead, hybrid: boolean): ListingObservation {
    const limit = decode(() => readLimit(event['maxTickets'], 'event.maxTickets'))
    const cap = limit.kind === 'OK' && !hybrid ? limit.value : null
    const attendees = decode(() => countAttendeesOnPage(event))
    // A pending payment holds its seat and is counted as sold.
    const counted = attendees.kind === 'OK' && attendees.value ? { sold: attendees.value.atLeast, pending: 0 } : null
    const mode = modeOf(cap, isClosed(event), counted?.sold ?? null)
    return { cap, mode, state: stateOf(event['status']), counted, asOf: new Date(at) }
  }
}

function unchangedPage(watermark: Watermark): Outcome<OrderPage> {
  return pageOf({ kind: 'DONE', cursor: watermark, platformCount: null })
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

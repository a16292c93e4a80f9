import type { OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import type { CallContext, Cursor, ListScope, OrderPage, Outcome, UnreadableRow } from '../../port.js'
import type { EventbriteClient } from '../client/client.js'
import { freshRun, pageQuery, readCursor, watermark, type ListingRun } from './cursor.js'
import {
  groupByOrder,
  readAttendee,
  readAttendeesOf,
  readExpandedAttendees,
  toOrderSnapshot,
  type Attendee,
} from './order-mapping.js'
import { isObject, type JsonObject } from '../../kit/response-shape.js'
import { ok } from '../../kit/outcomes.js'
import { readAll, readPage, readRows, type Page, type Readable } from '../client/pages.js'
import { decodeValue } from '../client/outcomes.js'

type RawPage = Page<unknown>

/** How many times the reported count a shifting list may show before it counts as endless. */
const MAX_REPEATS = 2
/** For a list that does not report its length; a page has 50 attendees. */
const MAX_PAGES = 4_000

const BAD_POSITION = new Set(['BAD_CONTINUATION_TOKEN', 'BAD_PAGE'])

/** Reads single orders, and lists the attendees of an event page by page. */
export class Orders {
  constructor(
    private readonly client: EventbriteClient,
    private readonly now: () => Date,
  ) {}

  /** 1 call; more when the response lacks the attendees. Null: the platform does not know the order at the moment. */
  async get(orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>> {
    const call = { path: ['orders', orderId], operation: 'read_order', query: { expand: 'attendees' } }
    const response = await this.client.get(call, context)
    if (response.kind === 'GONE') return ok(null)
    const expanded = decodeValue(response, ({ body }) => ({ body, attendees: readExpandedAttendees(body) }))
    if (expanded.kind !== 'OK') return expanded
    const { body, attendees } = expanded.value
    const { rows, unreadable } = attendees
    if (rows.length + unreadable.length > 0) return decodeValue(expanded, () => toOrderSnapshot(body, attendees))
    const listed = await this.attendeesOf(orderId, context)
    return decodeValue(listed, (found) => toOrderSnapshot(body, readAttendeesOf(body, found)))
  }

  /** One page: 1 call, and 1 more for each order that continues from an earlier page. */
  async list(
    eventId: string,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    const { since, run } = readCursor(cursor, scope, this.now())
    const page = await this.eventPage(eventId, since, run, context)
    // The platform no longer knows the position: starts over, once.
    if (page.kind !== 'REJECTED' || !BAD_POSITION.has(page.code)) return this.pageOf(page, eventId, since, run, context)
    const fresh = freshRun(scope, this.now())
    return this.pageOf(await this.eventPage(eventId, since, fresh, context), eventId, since, fresh, context)
  }

  private async pageOf(
    page: Outcome<RawPage>,
    eventId: string,
    since: string | null,
    run: ListingRun,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    if (page.kind !== 'OK') return page
    const stalled = stallReason(page.value, run)
    if (stalled !== null) return { kind: 'UNAVAILABLE', reason: stalled }
    const { items, count, more, continuation } = page.value
    const row = { eventId, orderId: null, changed: this.now() }
    const attendees = readRows(items, (item) => readAttendee(item, row))
    const snapshots = await this.snapshotsOf(attendees.rows, new Set(run.orders), context)
    if (snapshots.kind !== 'OK') return snapshots
    const next = advance(run, items, attendees.rows, continuation)
    return ok({
      snapshots: snapshots.value,
      nextCursor: more ? { since, run: next } : { since: watermark(since, next), run: null },
      done: !more,
      platformCount: run.scope === 'full' && count !== null ? count + next.extraTickets : null,
      unreadable: attendees.unreadable.map(unreadableRow),
    })
  }

  /**
   * The part of an order on this page may be older than the part on an earlier page, and older versions are ignored; so
   * an order that continues from an earlier page is read as a whole. The sort order of attendees is undocumented.
   */
  private async snapshotsOf(
    attendees: Attendee[],
    earlier: ReadonlySet<string>,
    context: CallContext,
  ): Promise<Outcome<OrderSnapshot[]>> {
    const snapshots: OrderSnapshot[] = []
    for (const group of groupByOrder(attendees)) {
      const whole = earlier.has(group.orderId) ? await this.get(group.orderId, context) : ok(null)
      if (whole.kind !== 'OK') return whole
      snapshots.push(whole.value ?? group)
    }
    return ok(snapshots)
  }

  private async eventPage(
    eventId: string,
    since: string | null,
    run: ListingRun,
    context: CallContext,
  ): Promise<Outcome<RawPage>> {
    const query = pageQuery(since, run)
    const call = { path: ['events', eventId, 'attendees'], operation: 'list_attendees', query }
    return readPage(await this.client.get(call, context), 'attendees', (item) => item)
  }

  private async attendeesOf(orderId: string, context: CallContext): Promise<Outcome<unknown[]>> {
    const call = { path: ['orders', orderId, 'attendees'], operation: 'list_order_attendees' }
    const listed = await readAll(this.client, call, 'attendees', (item) => item, context)
    return listed.kind === 'GONE' ? ok([]) : listed
  }
}

/**
 * Why the list cannot be continued after this page; null: it can. An empty page is not conclusive, and a list must
 * progress.
 */
function stallReason({ items, count, more }: RawPage, run: ListingRun): string | null {
  if (items.length === 0 && (more || run.seen < (count ?? 0))) {
    return `empty page after ${run.seen} of ${count ?? 'more'} attendees`
  }
  if (!more) return null
  if (firstOf(items) !== null && firstOf(items) === run.first) return `page ${run.page} repeats the previous one`
  if (run.page > MAX_PAGES) return `the list does not end after ${run.page} pages`
  const endless = count !== null && run.seen > MAX_REPEATS * count + 100
  return endless ? `the list of ${count} attendees does not end after ${run.seen}` : null
}

function firstOf([row]: readonly unknown[]): string | null {
  return isObject(row) ? idOf(row, 'id') : null
}

/** Identifies a row by its ids only: all other fields may be personal data. */
function unreadableRow({ row, reason }: Readable<Attendee>['unreadable'][number]): UnreadableRow {
  const source = isObject(row) ? row : {}
  return { orderId: idOf(source, 'order_id'), reason: `attendee ${idOf(source, 'id') ?? 'without an id'}: ${reason}` }
}

function idOf(source: JsonObject, key: string): string | null {
  const id = source[key]
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id).slice(0, 200) : null
}

function advance(
  run: ListingRun,
  items: readonly unknown[],
  attendees: readonly Attendee[],
  continuation: string | null,
): ListingRun {
  const changes = attendees.filter(({ dated }) => dated).map(({ changed }) => changed.toISOString())
  const newest = [...(run.newest === null ? [] : [run.newest]), ...changes].toSorted().at(-1) ?? null
  const extra = attendees.reduce((sum, attendee) => sum + attendee.tickets.length - 1, 0)
  const [page, seen] = [run.page + 1, run.seen + items.length]
  const orders = [...new Set([...run.orders, ...attendees.map(({ orderId }) => orderId)])]
  return {
    ...run,
    newest,
    continuation,
    page,
    seen,
    extraTickets: run.extraTickets + extra,
    orders,
    first: firstOf(items),
  }
}

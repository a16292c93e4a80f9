import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import type { CallContext, Cursor, ListScope, OrderPage, Outcome } from '../port.js'
import type { EventbriteClient } from './client.js'
import { freshRun, pageQuery, resume, watermark, type ListingRun } from './cursor.js'
import { groupByOrder, readAttendee, readExpandedAttendees, readOrder, type Attendee } from './order-mapping.js'
import { decode, ok } from './outcomes.js'
import { readAll, readPage, type Page } from './pages.js'

type AttendeePage = Page<Attendee>

/** So often a moving list may show the same attendees before it is taken for one without an end. */
const MOST_REPEATS = 2

const BAD_PLACE = new Set(['BAD_CONTINUATION_TOKEN', 'BAD_PAGE'])

/** Reads sales: one order, or the attendees of an event page by page. */
export class Orders {
  constructor(
    private readonly client: EventbriteClient,
    private readonly now: () => Date,
  ) {}

  /** 1 call; more when the platform left out the attendees. Null: it does not know the order now. */
  async get(orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>> {
    const call = { path: ['orders', orderId], operation: 'read_order', query: { expand: 'attendees' } }
    const answer = await this.client.get(call, context)
    if (answer.kind === 'GONE') return ok(null)
    const expanded = decode(answer, ({ body }) => ({ body, attendees: readExpandedAttendees(body) }))
    if (expanded.kind !== 'OK') return expanded
    const { body, attendees } = expanded.value
    if (attendees.length > 0) return decode(expanded, () => readOrder(body, attendees))
    const listed = await this.attendeesOf(orderId, context)
    return decode(listed, (found) => readOrder(body, found))
  }

  /** One page: 1 call, and 1 more for each order of which an earlier page showed a part. */
  async list(
    eventId: string,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    const { since, run } = resume(cursor, scope, this.now())
    const page = await this.eventPage(eventId, since, run, context)
    // A place that the platform has forgotten: from the beginning, once.
    if (page.kind !== 'REJECTED' || !BAD_PLACE.has(page.code)) return this.pageOf(page, since, run, context)
    const fresh = freshRun(scope, this.now())
    return this.pageOf(await this.eventPage(eventId, since, fresh, context), since, fresh, context)
  }

  private async pageOf(
    page: Outcome<AttendeePage>,
    since: string | null,
    run: ListingRun,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    if (page.kind !== 'OK') return page
    const { items: attendees, count, more, continuation } = page.value
    if (attendees.length === 0 && (more || run.seen < (count ?? 0))) {
      return { kind: 'UNAVAILABLE', reason: `an empty page after ${run.seen} of ${count ?? 'more'} attendees` }
    }
    if (more && count !== null && run.seen > MOST_REPEATS * count + 100) {
      return { kind: 'UNAVAILABLE', reason: `the list of ${count} attendees does not end after ${run.seen}` }
    }
    const snapshots = await this.snapshotsOf(attendees, new Set(run.orders), context)
    if (snapshots.kind !== 'OK') return snapshots
    const next = advance(run, attendees, continuation)
    return ok({
      snapshots: snapshots.value,
      nextCursor: more ? { since, run: next } : { since: watermark(since, next), run: null },
      done: !more,
      platformCount: run.scope === 'full' && count !== null ? count + next.extraTickets : null,
    })
  }

  /**
   * An order that goes on from an earlier page may look older here than there, and what is older is not believed: it is
   * read whole. In which order attendees come is not documented.
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
  ): Promise<Outcome<AttendeePage>> {
    const query = pageQuery(since, run)
    const call = { path: ['events', eventId, 'attendees'], operation: 'list_attendees', query }
    return readPage(await this.client.get(call, context), 'attendees', readAttendee)
  }

  private async attendeesOf(orderId: string, context: CallContext): Promise<Outcome<Attendee[]>> {
    const call = { path: ['orders', orderId, 'attendees'], operation: 'list_order_attendees' }
    const listed = await readAll(this.client, call, 'attendees', readAttendee, context)
    return listed.kind === 'GONE' ? ok([]) : listed
  }
}

function advance(run: ListingRun, attendees: Attendee[], continuation: string | null): ListingRun {
  const changes = attendees.map((attendee) => attendee.changed.toISOString())
  const newest = [...(run.newest === null ? [] : [run.newest]), ...changes].toSorted().at(-1) ?? null
  const extra = attendees.reduce((sum, attendee) => sum + attendee.tickets.length - 1, 0)
  const [page, seen] = [run.page + 1, run.seen + attendees.length]
  const orders = [...new Set([...run.orders, ...attendees.map(({ orderId }) => orderId)])]
  return { ...run, newest, continuation, page, seen, extraTickets: run.extraTickets + extra, orders }
}

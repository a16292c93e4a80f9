import type { OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import type { CallContext, Cursor, ListScope, Listing, OrderPage, Outcome } from '../../port.js'
import { ok } from '../../kit/outcomes.js'
import { toCursor, finishedCursor, readCursor, type Unfinished } from './cursor.js'
import { checkEvent } from '../caps/event.js'
import { readGuestPage } from './guest-pages.js'
import { parseGuest, type Guest } from './guest.js'
import { toOrderSnapshot } from './order-mapping.js'
import { advance, AT_START } from '../client/pages.js'
import type { LumaPorts } from '../ports.js'

/** How far before the newest known registration a `changed` listing reads again. */
const OVERLAP_MS = 600_000

/** Statuses that a full listing reads, in order. Invited guests (ten to one) and guests in checkout hold no tickets. */
const FULL_STATUSES = ['approved', 'pending_approval', 'declined', 'waitlist'] as const
const CHANGED_STATUSES = ['approved'] as const

/**
 * Lists one page of guests, 1 call. Luma can neither filter nor sort by change, so `changed` finds new registrations only
 * (newest first, back to the watermark); cancellations are reported by deliveries and found by a full listing. A full
 * listing ends by reading the event (a page without guests, 1 call): an empty guest list is not conclusive without it.
 */
export async function listOrders(
  ports: LumaPorts,
  listing: Listing,
  scope: ListScope,
  cursor: Cursor | null,
  context: CallContext,
): Promise<Outcome<OrderPage>> {
  const state = readCursor(scope, cursor)
  if (state.kind !== 'OK') return state
  const from = state.value
  const statuses = from.listing === 'full' ? FULL_STATUSES : CHANGED_STATUSES
  const status = statuses[from.status]
  return status === undefined
    ? readLastPage(ports, listing, from, context)
    : readOrderPage(ports, listing, from, status, context)
}

async function readOrderPage(
  { client }: LumaPorts,
  listing: Listing,
  from: Unfinished,
  status: string,
  context: CallContext,
): Promise<Outcome<OrderPage>> {
  const full = from.listing === 'full'
  const direction = full ? 'asc nulls last' : 'desc nulls last'
  const query = { eventId: listing.externalEventId, status, cursor: from.page, direction } as const
  const page = await readGuestPage(client, query, context)
  if (page.kind !== 'OK') return page
  const { entries, nextCursor, readAt } = page.value
  const guests = entries.flatMap((row) => ('guest' in row ? [row.guest] : []))
  const reached: Unfinished = { ...from, newest: newestOf(guests, from.newest) }
  const next = nextCursor === null || (!full && isBefore(guests, from.since)) ? null : nextCursor
  const progress = next === null ? ok(AT_START) : advance(from.progress, next, entries.length)
  if (progress.kind !== 'OK') return progress
  const done = next === null && !full
  return ok({
    snapshots: guests.map((guest) => toOrderSnapshot(guest, listing, readAt)),
    nextCursor: done
      ? finishedCursor(reached)
      : toCursor({
          ...reached,
          status: next === null ? from.status + 1 : from.status,
          page: next,
          progress: progress.value,
        }),
    done,
    platformCount: null,
    unreadable: entries.flatMap((row) => ('unreadable' in row ? [row.unreadable] : [])),
  })
}

async function readLastPage(
  { client }: LumaPorts,
  { externalEventId }: Listing,
  from: Unfinished,
  context: CallContext,
): Promise<Outcome<OrderPage>> {
  const checked = await checkEvent(client, externalEventId, context)
  if (checked.kind !== 'OK') return checked
  return ok({ snapshots: [], nextCursor: finishedCursor(from), done: true, platformCount: null })
}

/** 1 call. Null: Luma does not return the guest. */
export async function getOrder(
  ports: LumaPorts,
  listing: Listing,
  orderId: string,
  context: CallContext,
): Promise<Outcome<OrderSnapshot | null>> {
  const read = await getGuest(ports, listing, orderId, context)
  if (read.kind === 'GONE') return ok(null)
  return read.kind === 'OK' ? ok(toOrderSnapshot(read.value.guest, listing, read.value.readAt)) : read
}

export function getGuest(
  { client }: Pick<LumaPorts, 'client'>,
  listing: Listing,
  guestId: string,
  context: CallContext,
): Promise<Outcome<{ guest: Guest; readAt: Date }>> {
  const query = { event_id: listing.externalEventId, id: guestId }
  return client.get('/v1/events/guests/get', query, 'read_guest', context, (json, readAt) => ({
    guest: parseGuest(json),
    readAt,
  }))
}

/** The newest registration seen; by Luma's clock, so that the local clock does not matter. */
function newestOf(guests: Guest[], known: string | null): string | null {
  const times = guests.flatMap(({ status, registeredAt }) =>
    status === 'approved' && registeredAt ? [registeredAt.getTime()] : [],
  )
  const newest = Math.max(known === null ? Number.NEGATIVE_INFINITY : Date.parse(known), ...times)
  return Number.isFinite(newest) ? new Date(newest).toISOString() : known
}

/** Whether the list has passed the watermark; false unless it is sorted newest first, as requested. */
function isBefore(guests: Guest[], since: string | null): boolean {
  if (since === null || guests.length === 0) return false
  const times = guests.map(({ registeredAt }) => registeredAt?.getTime() ?? Number.NEGATIVE_INFINITY)
  const newestFirst = times.every((time, index) => index === 0 || time <= (times[index - 1] ?? 0))
  return newestFirst && (times.at(-1) ?? 0) < Date.parse(since) - OVERLAP_MS
}

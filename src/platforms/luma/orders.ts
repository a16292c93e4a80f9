import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import type { CallContext, Cursor, ListScope, Listing, OrderPage, Outcome } from '../port.js'
import { ok } from './answers.js'
import { cursorJson, finished, readCursor, type Unfinished } from './cursor.js'
import { checkEvent } from './event.js'
import { guestPage } from './guest-pages.js'
import { parseGuest, toSnapshot, type Guest } from './guest.js'
import { advance, AT_START } from './pages.js'
import type { LumaPorts } from './ports.js'

/** Registrations are looked for again from so long before the newest one known. */
const OVERLAP_MS = 600_000

/** A full listing reads these one after the other. Invited guests (ten to one) and those in checkout hold no tickets. */
const FULL = ['approved', 'pending_approval', 'declined', 'waitlist'] as const
const CHANGED = ['approved'] as const

/**
 * One page of guests, 1 call. Luma can neither filter nor sort by change, so `changed` finds new registrations only
 * (newest first, back to the watermark): cancellations show in deliveries and in a full listing. A full listing ends
 * with a look at the event (a page without guests, 1 call): where that is gone, a list without guests is no proof.
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
  const at = state.value
  const statuses = at.listing === 'full' ? FULL : CHANGED
  const status = statuses[at.status]
  return status === undefined ? lastPage(ports, listing, at, context) : pageOf(ports, listing, at, status, context)
}

async function pageOf(
  { client }: LumaPorts,
  listing: Listing,
  at: Unfinished,
  status: string,
  context: CallContext,
): Promise<Outcome<OrderPage>> {
  const full = at.listing === 'full'
  const direction = full ? 'asc nulls last' : 'desc nulls last'
  const query = { eventId: listing.externalEventId, status, cursor: at.page, direction } as const
  const page = await guestPage(client, query, context)
  if (page.kind !== 'OK') return page
  const { entries, nextCursor, readAt } = page.value
  const guests = entries.flatMap((row) => ('guest' in row ? [row.guest] : []))
  const reached: Unfinished = { ...at, newest: newestOf(guests, at.newest) }
  const next = nextCursor === null || (!full && isBefore(guests, at.since)) ? null : nextCursor
  const further = next === null ? ok(AT_START) : advance(at.progress, next, entries.length)
  if (further.kind !== 'OK') return further
  const done = next === null && !full
  return ok({
    snapshots: guests.map((guest) => toSnapshot(guest, listing, readAt)),
    nextCursor: done
      ? finished(reached)
      : cursorJson({
          ...reached,
          status: next === null ? at.status + 1 : at.status,
          page: next,
          progress: further.value,
        }),
    done,
    platformCount: null,
    unreadable: entries.flatMap((row) => ('unreadable' in row ? [row.unreadable] : [])),
  })
}

async function lastPage(
  { client }: LumaPorts,
  { externalEventId }: Listing,
  at: Unfinished,
  context: CallContext,
): Promise<Outcome<OrderPage>> {
  const shown = await checkEvent(client, externalEventId, context)
  if (shown.kind !== 'OK') return shown
  return ok({ snapshots: [], nextCursor: finished(at), done: true, platformCount: null })
}

/** 1 call. Null where Luma does not know the guest now. */
export async function getOrder(
  ports: LumaPorts,
  listing: Listing,
  orderId: string,
  context: CallContext,
): Promise<Outcome<OrderSnapshot | null>> {
  const read = await getGuest(ports, listing, orderId, context)
  if (read.kind === 'GONE') return ok(null)
  return read.kind === 'OK' ? ok(toSnapshot(read.value.guest, listing, read.value.readAt)) : read
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

/** The newest registration seen, by Luma's own clock, so that ours may be wrong. */
function newestOf(guests: Guest[], known: string | null): string | null {
  const times = guests.flatMap(({ status, registeredAt }) =>
    status === 'approved' && registeredAt ? [registeredAt.getTime()] : [],
  )
  const newest = Math.max(known === null ? Number.NEGATIVE_INFINITY : Date.parse(known), ...times)
  return Number.isFinite(newest) ? new Date(newest).toISOString() : known
}

/** Whether a list that comes newest first, as it was asked for, has got behind the watermark. */
function isBefore(guests: Guest[], since: string | null): boolean {
  if (since === null || guests.length === 0) return false
  const times = guests.map(({ registeredAt }) => registeredAt?.getTime() ?? Number.NEGATIVE_INFINITY)
  const newestFirst = times.every((time, index) => index === 0 || time <= (times[index - 1] ?? 0))
  return newestFirst && (times.at(-1) ?? 0) < Date.parse(since) - OVERLAP_MS
}

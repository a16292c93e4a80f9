import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import type { CallContext, Cursor, ListScope, Listing, OrderPage, Outcome } from '../port.js'
import { ok } from './answers.js'
import type { CapPorts } from './caps.js'
import { cursorJson, finished, readCursor, type Unfinished } from './cursor.js'
import { guestPage } from './guest-pages.js'
import { parseGuest, toSnapshot, type Guest } from './guest.js'

/** Registrations are looked for again from so long before the newest one known. */
const OVERLAP_MS = 600_000

/** A full listing reads these one after the other. Invited guests (ten to one) and those in checkout hold no tickets. */
const FULL = ['approved', 'pending_approval', 'declined', 'waitlist'] as const
const CHANGED = ['approved'] as const

/**
 * One page of guests, 1 call. Luma can neither filter nor sort by change, so `changed` finds new registrations only
 * (newest first, back to the watermark): cancellations show in deliveries and in a full listing.
 */
export async function listOrders(
  { client, now }: CapPorts,
  listing: Listing,
  scope: ListScope,
  cursor: Cursor | null,
  context: CallContext,
): Promise<Outcome<OrderPage>> {
  const state = readCursor(scope, cursor)
  if (state.kind !== 'OK') return state
  const at = state.value
  const full = at.listing === 'full'
  const statuses = full ? FULL : CHANGED
  const readAt = now()
  const page = await guestPage(
    client,
    {
      eventId: listing.externalEventId,
      status: statuses[at.status] ?? 'approved',
      cursor: at.page,
      direction: full ? 'asc nulls last' : 'desc nulls last',
    },
    context,
  )
  if (page.kind !== 'OK') return page
  const { entries, nextCursor } = page.value
  if (nextCursor !== null && nextCursor === at.page) {
    return { kind: 'UNAVAILABLE', reason: 'the guest list does not move on' }
  }
  const reached: Unfinished = { ...at, newest: newestOf(entries, at.newest) }
  const endOfStatus = nextCursor === null || (!full && isBefore(entries, at.since))
  const next = endOfStatus ? { ...reached, status: at.status + 1, page: null } : { ...reached, page: nextCursor }
  const done = next.status >= statuses.length
  return ok({
    snapshots: entries.map((guest) => toSnapshot(guest, listing, readAt)),
    nextCursor: done ? finished(reached) : cursorJson(next),
    done,
    platformCount: null,
  })
}

/** 1 call. Null where Luma does not know the guest now. */
export async function getOrder(
  { client, now }: CapPorts,
  listing: Listing,
  orderId: string,
  context: CallContext,
): Promise<Outcome<OrderSnapshot | null>> {
  const readAt = now()
  const guest = await getGuest({ client, now }, listing, orderId, context)
  if (guest.kind === 'GONE') return ok(null)
  return guest.kind === 'OK' ? ok(toSnapshot(guest.value, listing, readAt)) : guest
}

export function getGuest(
  { client }: CapPorts,
  listing: Listing,
  guestId: string,
  context: CallContext,
): Promise<Outcome<Guest>> {
  const query = { event_id: listing.externalEventId, id: guestId }
  return client.get('/v1/events/guests/get', query, 'read_guest', context, parseGuest)
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

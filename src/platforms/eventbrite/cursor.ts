import type { Cursor, ListScope } from '../port.js'
import { optionalInstant, optionalText, type JsonObject } from './fields.js'
import { toEventbriteTime } from './sales-end-mark.js'

/** Second resolution, stale reads and clocks that disagree: a listing starts this much before the last one's end, ms. */
export const OVERLAP_MS = 120_000
const QUIET_MS = 900_000

/** Where a listing stands. Between listings only `since` is set. */
export interface ListingCursor {
  /** Everything changed up to here has been seen by an earlier finished listing; null: nothing has. */
  since: string | null
  /** What is being read now; null between listings. */
  run: ListingRun | null
}

export interface ListingRun {
  scope: ListScope
  /** When its first page was asked for, by our clock: later changes may have been missed by earlier pages. */
  startedAt: string
  /** The newest change seen so far. */
  newest: string | null
  /** The next page: a token or, where the platform gave none, a number. Null: the first. */
  continuation: string | null
  page: number
  /** Attendees so far. */
  seen: number
  /** Tickets beyond one per attendee so far. */
  extraTickets: number
  /** The orders of earlier pages. */
  orders: string[]
  /** The first attendee of the page before: a page that begins with it again brings nothing new. */
  first: string | null
}

/** Takes up a cursor that this adapter made earlier; anything unreadable starts from the beginning. */
export function resume(cursor: Cursor | null, scope: ListScope, now: Date): { since: string | null; run: ListingRun } {
  const source: JsonObject = cursor ?? {}
  const since = optionalInstant(source, 'since')?.toISOString() ?? null
  const run = source.run as Partial<ListingRun> | null | undefined
  if (run && run.scope === scope && Number.isSafeInteger(run.page) && typeof run.startedAt === 'string') {
    return {
      since,
      run: {
        scope,
        startedAt: run.startedAt,
        newest: optionalText(run, 'newest'),
        continuation: optionalText(run, 'continuation'),
        page: Number(run.page),
        seen: countOf(run.seen),
        extraTickets: countOf(run.extraTickets),
        orders: Array.isArray(run.orders) ? run.orders.map(String) : [],
        first: optionalText(run, 'first'),
      },
    }
  }
  return { since, run: freshRun(scope, now) }
}

export function freshRun(scope: ListScope, now: Date): ListingRun {
  const nothing = { newest: null, continuation: null, page: 1, seen: 0, extraTickets: 0, orders: [], first: null }
  return { scope, startedAt: now.toISOString(), ...nothing }
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) ? Number(value) : 0
}

/**
 * The query of the next page. `last_item_seen` is left out: with the overlap it would hide attendees of that second,
 * and what is read twice is applied once.
 */
export function pageQuery(since: string | null, run: ListingRun): Record<string, string> {
  const query: Record<string, string> = {}
  if (run.scope === 'changed' && since !== null) {
    query.changed_since = toEventbriteTime(new Date(Date.parse(since) - OVERLAP_MS))
  }
  if (run.continuation !== null) query.continuation = run.continuation
  else if (run.page > 1) query.page = String(run.page)
  return query
}

/**
 * The watermark that a finished listing leaves: the newest change seen, but not beyond the moment it began. In quiet
 * times it follows our clock at a distance that covers stale reads and a wrong clock.
 */
export function watermark(since: string | null, run: ListingRun): string {
  const startedAt = Date.parse(run.startedAt)
  const newest = run.newest === null ? 0 : Math.min(Date.parse(run.newest), startedAt)
  return new Date(Math.max(newest, startedAt - QUIET_MS, since === null ? 0 : Date.parse(since))).toISOString()
}

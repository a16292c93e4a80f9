import type { Cursor, ListScope } from '../../port.js'
import type { JsonObject } from '../../kit/response-shape.js'
import { optionalInstant, optionalText } from '../client/contract.js'
import { toEventbriteTime } from '../closing/sales-end-mark.js'

/**
 * A list of changes starts this long before the end of the last one, ms: timestamps in seconds, stale reads, clock
 * skew.
 */
export const OVERLAP_MS = 120_000
/** While nothing changes, the watermark is this far behind our clock, ms. */
const QUIET_MS = 900_000

/** Position in a list of attendees. Between two lists only `since` is set. */
export interface ListingCursor {
  /** All changes up to then were read by an earlier completed list; null: none were. */
  since: string | null
  /** The list in progress; null: none. */
  run: ListingRun | null
}

export interface ListingRun {
  scope: ListScope
  /** When its first page was requested, by our clock: earlier pages may lack later changes. */
  startedAt: string
  /** The newest change read so far. */
  newest: string | null
  /** Token of the next page; null: the first page, or by number where the platform gave no token. */
  continuation: string | null
  page: number
  /** Attendees read so far. */
  seen: number
  /** Tickets beyond one per attendee so far. */
  extraTickets: number
  /** Orders on earlier pages. */
  orders: string[]
  /** First attendee of the previous page: a page that starts with the same one repeats it. */
  first: string | null
}

/** Resumes from a cursor of this adapter; an unreadable one starts from the beginning. */
export function readCursor(
  cursor: Cursor | null,
  scope: ListScope,
  now: Date,
): { since: string | null; run: ListingRun } {
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
 * The query of the next page. Without `last_item_seen`: with the overlap it would hide attendees of that second, and
 * reading an attendee twice is harmless.
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
 * The watermark after a completed list: the newest change read, but not after the start of the list. While nothing
 * changes it follows our clock with a delay that covers stale reads and clock skew.
 */
export function watermark(since: string | null, run: ListingRun): string {
  const startedAt = Date.parse(run.startedAt)
  const newest = run.newest === null ? 0 : Math.min(Date.parse(run.newest), startedAt)
  return new Date(Math.max(newest, startedAt - QUIET_MS, since === null ? 0 : Date.parse(since))).toISOString()
}

import type { ListingCursor, Progress } from './listing-cursor.js'
import { freshProgress } from './listing-cursor.js'
import { OVERLAP_MS } from './operations.js'
import type { RsvpPage } from './rsvp-page.js'

/** Pages that may be spent on that: from then on the watermark itself is enough. */
const OVERLAP_PAGES = 5
/** 20,000 RSVPs. A list that goes on after that is taken for one without an end. */
export const MAX_PAGES = 400
/** How often a list that ended before its time is read again from the start. */
const MAX_RESTARTS = 2

export type Step =
  { kind: 'NEXT'; cursor: Progress } | { kind: 'DONE'; cursor: ListingCursor; platformCount: number | null }

/** What comes after a page was read. */
export function afterPage(progress: Progress, page: RsvpPage, now: number): Step {
  const first = progress.pages === 0
  const read: Progress = {
    ...progress,
    after: page.next,
    pages: progress.pages + 1,
    rows: progress.rows + page.snapshots.length,
    live: progress.live + liveTickets(page),
    unreadable: progress.unreadable + page.unreadable.length,
    total: page.total,
    ...(first ? { newest: page.newest, print: page.print, readAt: now, recent: recentRows(page) } : {}),
  }
  const { since } = progress
  const overlap = read.pages < OVERLAP_PAGES ? OVERLAP_MS : 0
  const reached = since !== null && page.oldest !== null && page.oldest < since - overlap
  if (page.next !== null && !reached) return { kind: 'NEXT', cursor: read }
  // Only a count must not be taken from a list that moved; what moved is newer than the watermark.
  const counts = read.scope === 'full' && read.pages > 1
  if (counts) return { kind: 'NEXT', cursor: { ...read, step: 'check', after: null } }
  return finished(read, false)
}

/** After the first page was read once more. */
export function afterCheck(progress: Progress, page: RsvpPage): Step {
  return finished(progress, page.print !== progress.print)
}

/** A later page came empty: the list shrank under the reader, or the platform hides something. Begin again, not for ever. */
export function afterEmptyPage(progress: Progress): Step {
  const { scope, since, restarts } = progress
  if (restarts < MAX_RESTARTS) return { kind: 'NEXT', cursor: freshProgress(scope, since, restarts + 1) }
  // The watermark stays where it was, and the count says that something is missing.
  const cursor: ListingCursor = { step: 'done', newest: since, print: null, readAt: 0, recent: 0 }
  return { kind: 'DONE', cursor, platformCount: scope === 'full' ? progress.live + missing(progress, true) : null }
}

/**
 * The count must never vouch for more than was read: rows that the platform counts but does not show stand for a
 * ticket each, and a list that moved while it was read counts as one short.
 */
function finished(progress: Progress, moved: boolean): Step {
  const { scope, newest, since, print, readAt, recent, live } = progress
  const known = scope === 'full' && progress.total !== null
  return {
    kind: 'DONE',
    cursor: { step: 'done', newest: newest ?? since, print, readAt, recent },
    platformCount: known ? live + missing(progress, moved) : null,
  }
}

function missing({ total, rows, unreadable }: Progress, moved: boolean): number {
  return Math.max((total ?? rows + unreadable) - rows, moved ? 1 : 0)
}

function recentRows({ snapshots, newest }: RsvpPage): number {
  const since = (newest ?? 0) - OVERLAP_MS
  return snapshots.filter(({ version }) => Date.parse(version) >= since).length
}

/**
 * Whether a list shows far more rows than it counts, or goes on for too long: it repeats itself, and reading on would
 * never end.
 */
export function goesInCircles({ pages, rows, unreadable, total }: Progress, pageSize: number): boolean {
  return pages >= MAX_PAGES || (total !== null && rows + unreadable > 2 * total + 5 * pageSize)
}

function liveTickets({ snapshots }: RsvpPage): number {
  return snapshots.reduce((sum, { tickets }) => sum + tickets.filter(({ live }) => live).length, 0)
}

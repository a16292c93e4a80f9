import { type ListingCursor, type Progress, freshProgress } from './cursor.js'
import { OVERLAP_MS } from '../client/operations.js'
import type { RsvpPage } from './rsvp-page.js'

/** Pages that may be spent on the overlap; later pages need only reach the watermark. */
const OVERLAP_PAGES = 5
/** 20,000 RSVPs. A longer list counts as endless. */
export const MAX_PAGES = 400
/** How often a list that ended early is read again from the start. */
const MAX_RESTARTS = 2

export type Step =
  { kind: 'NEXT'; cursor: Progress } | { kind: 'DONE'; cursor: ListingCursor; platformCount: number | null }

/** The step after a page was read. */
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
    ...(first ? { newest: page.newest, print: page.fingerprint, readAt: now, recent: recentRows(page) } : {}),
  }
  const { since } = progress
  const overlap = read.pages < OVERLAP_PAGES ? OVERLAP_MS : 0
  const reached = since !== null && page.oldest !== null && page.oldest < since - overlap
  if (page.next !== null && !reached) return { kind: 'NEXT', cursor: read }
  // A count must not be derived from a list that changed; the changed rows are newer than the watermark.
  const needsCheck = read.scope === 'full' && read.pages > 1
  if (needsCheck) return { kind: 'NEXT', cursor: { ...read, step: 'check', after: null } }
  return finished(read, false)
}

/** The step after the first page was read again. */
export function afterCheck(progress: Progress, page: RsvpPage): Step {
  return finished(progress, page.fingerprint !== progress.print)
}

/** A later page was empty: the list shrank during the read, or the platform hides rows. Restarts a limited number of times. */
export function afterEmptyPage(progress: Progress): Step {
  const { scope, since, restarts } = progress
  if (restarts < MAX_RESTARTS) return { kind: 'NEXT', cursor: freshProgress(scope, since, restarts + 1) }
  // The watermark is unchanged, and the count reports missing rows.
  const cursor: ListingCursor = { step: 'done', newest: since, print: null, readAt: 0, recent: 0 }
  return { kind: 'DONE', cursor, platformCount: scope === 'full' ? progress.live + missing(progress, true) : null }
}

/**
 * The count must not confirm more than was read: rows that the platform counts but does not show count as a ticket each,
 * and a list that changed during the read counts as one ticket short.
 */
function finished(progress: Progress, changed: boolean): Step {
  const { scope, newest, since, print, readAt, recent, live } = progress
  const known = scope === 'full' && progress.total !== null
  return {
    kind: 'DONE',
    cursor: { step: 'done', newest: newest ?? since, print, readAt, recent },
    platformCount: known ? live + missing(progress, changed) : null,
  }
}

function missing({ total, rows, unreadable }: Progress, changed: boolean): number {
  return Math.max((total ?? rows + unreadable) - rows, changed ? 1 : 0)
}

function recentRows({ snapshots, newest }: RsvpPage): number {
  const since = (newest ?? 0) - OVERLAP_MS
  return snapshots.filter(({ version }) => Date.parse(version) >= since).length
}

/** Whether a list has returned far more rows than it counts, or too many pages: it repeats itself and never ends. */
export function isEndlessListing({ pages, rows, unreadable, total }: Progress, pageSize: number): boolean {
  return pages >= MAX_PAGES || (total !== null && rows + unreadable > 2 * total + 5 * pageSize)
}

function liveTickets({ snapshots }: RsvpPage): number {
  return snapshots.reduce((sum, { tickets }) => sum + tickets.filter(({ live }) => live).length, 0)
}

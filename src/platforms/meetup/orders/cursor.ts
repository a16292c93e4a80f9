import type { Cursor, ListScope } from '../../port.js'
import { isObject } from '../../kit/response-shape.js'

/** The end of a finished listing. */
export interface Watermark {
  step: 'done'
  /** The newest change when the listing started, ms since the epoch; null: none. */
  newest: number | null
  /** The list's fingerprint then; null: read the list in any case. */
  print: string | null
  /** When that was read, ms since the epoch. */
  readAt: number
  /** Rows that had changed within the overlap before the newest one: the next poll must reach beyond them. */
  recent: number
}

/** A listing in progress. Step `check` reads the newest row and the counts again, to detect changes during the listing. */
export interface Progress {
  step: 'page' | 'check'
  scope: ListScope
  /** Changes up to this instant are known; null: none. */
  since: number | null
  after: string | null
  pages: number
  restarts: number
  /** Rows and live tickets read so far. */
  rows: number
  live: number
  /** Rows that could not be read. */
  unreadable: number
  /** The platform's count of rows, as of the last page read. */
  total: number | null
  newest: number | null
  print: string | null
  readAt: number
  recent: number
}

export type ListingCursor = Watermark | Progress

export function freshProgress(scope: ListScope, since: number | null, restarts = 0): Progress {
  const nothing = { after: null, pages: 0, rows: 0, live: 0, unreadable: 0, total: null, recent: 0 }
  return { step: 'page', scope, since, restarts, ...nothing, newest: null, print: null, readAt: 0 }
}

/** Null: not a cursor of ours. */
export function readCursor(stored: Cursor): ListingCursor | null {
  // Cursors of earlier versions lack both fields.
  const cursor: Cursor = { recent: 0, unreadable: 0, ...stored }
  const { step, newest, print, readAt, recent } = cursor
  if (typeof recent !== 'number') return null
  const shared = isNumberOrNull(newest) && isTextOrNull(print) && typeof readAt === 'number'
  if (!shared) return null
  if (step === 'done') return { step, newest, print, readAt, recent }
  return (step === 'page' || step === 'check') && isProgress(cursor) ? cursor : null
}

export function toCursor(cursor: ListingCursor): Cursor {
  return { ...cursor }
}

function isProgress(cursor: unknown): cursor is Progress {
  if (!isObject(cursor)) return false
  const { scope, since, after, pages, restarts, rows, live, unreadable, total } = cursor
  return (
    (scope === 'full' || scope === 'changed') &&
    [since, total].every(isNumberOrNull) &&
    isTextOrNull(after) &&
    [pages, restarts, rows, live, unreadable].every((count) => typeof count === 'number')
  )
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === 'number'
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

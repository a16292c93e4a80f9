import type { Cursor, ListScope } from '../port.js'
import { isObject } from './contract.js'

/** Where a finished listing leaves off. */
export interface Watermark {
  step: 'done'
  /** The newest change when the listing began, ms since the epoch; null when there was none. */
  newest: number | null
  /** How the list looked then; null: read it again in any case. */
  print: string | null
  /** When that was read, ms since the epoch. */
  readAt: number
}

/** A listing under way. `check` reads the first page once more, to see whether the list moved meanwhile. */
export interface Progress {
  step: 'page' | 'check'
  scope: ListScope
  /** Changes up to this instant are known; null: none are. */
  since: number | null
  after: string | null
  pages: number
  restarts: number
  /** Rows and live tickets read so far. */
  rows: number
  live: number
  /** The platform's count of rows, as of the last page read. */
  total: number | null
  newest: number | null
  print: string | null
  readAt: number
}

export type ListingCursor = Watermark | Progress

export function freshProgress(scope: ListScope, since: number | null, restarts = 0): Progress {
  const nothing = { after: null, pages: 0, rows: 0, live: 0, total: null, newest: null, print: null, readAt: 0 }
  return { step: 'page', scope, since, restarts, ...nothing }
}

/** Null: not a cursor of ours. */
export function parseCursor(cursor: Cursor): ListingCursor | null {
  const { step, newest, print, readAt } = cursor
  const shared = isNumberOrNull(newest) && isTextOrNull(print) && typeof readAt === 'number'
  if (!shared) return null
  if (step === 'done') return { step, newest, print, readAt }
  return (step === 'page' || step === 'check') && isProgress(cursor) ? cursor : null
}

export function toCursor(cursor: ListingCursor): Cursor {
  return { ...cursor }
}

function isProgress(cursor: unknown): cursor is Progress {
  if (!isObject(cursor)) return false
  const { scope, since, after, pages, restarts, rows, live, total } = cursor
  return (
    (scope === 'full' || scope === 'changed') &&
    [since, total].every(isNumberOrNull) &&
    isTextOrNull(after) &&
    [pages, restarts, rows, live].every((count) => typeof count === 'number')
  )
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === 'number'
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

import type { Cursor, ListScope, Outcome } from '../port.js'
import { isJson, ok, rejected } from './answers.js'
import { AT_START, type Progress } from './pages.js'

/** Where a listing under way stands. */
export interface Unfinished {
  listing: ListScope
  /** Index of the status being listed; behind the last one: the event itself is still to be looked at. */
  status: number
  /** Luma's own cursor; null for a first page. */
  page: string | null
  /** A `changed` listing goes back to here; null: to the beginning. */
  since: string | null
  /** The newest registration seen so far. */
  newest: string | null
  progress: Progress
}

export const cursorJson = (state: Unfinished): Cursor => ({ ...state })

export const finished = ({ newest, since }: Unfinished): Cursor => ({ watermark: newest ?? since })

/** A cursor of an unfinished listing goes on with that; a finished one is where a new `changed` listing starts. */
export function readCursor(scope: ListScope, cursor: Cursor | null): Outcome<Unfinished> {
  const start: Unfinished = { listing: scope, status: 0, page: null, since: null, newest: null, progress: AT_START }
  if (cursor === null) return ok(start)
  const { listing, status, page, since, newest, watermark } = cursor
  const progress = isProgress(cursor['progress']) ? cursor['progress'] : AT_START
  if (isInstantOrNull(watermark)) return ok({ ...start, since: scope === 'full' ? null : watermark })
  const known =
    (listing === 'full' || listing === 'changed') &&
    typeof status === 'number' &&
    (page === null || typeof page === 'string') &&
    isInstantOrNull(since) &&
    isInstantOrNull(newest)
  return known
    ? ok({ listing, status, page, since, newest, progress })
    : rejected('CURSOR', 'this is no cursor of a Luma listing')
}

function isProgress(value: unknown): value is Progress {
  return (
    isJson(value) &&
    typeof value['pages'] === 'number' &&
    typeof value['barren'] === 'number' &&
    (value['anchor'] === null || typeof value['anchor'] === 'string')
  )
}

function isInstantOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && !Number.isNaN(Date.parse(value)))
}

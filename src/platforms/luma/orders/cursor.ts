import type { Cursor, ListScope, Outcome } from '../../port.js'
import { isObject } from '../../kit/response-shape.js'
import { ok, rejected } from '../../kit/outcomes.js'
import { AT_START, type Progress } from '../client/pages.js'

/** The position of a listing in progress. */
export interface Unfinished {
  listing: ListScope
  /** Index of the status being listed; after the last one: only the event itself is still to be read. */
  status: number
  /** Luma's own cursor; null for the first page. */
  page: string | null
  /** The watermark at which a `changed` listing ends; null: read to the beginning. */
  since: string | null
  /** The newest registration seen so far. */
  newest: string | null
  progress: Progress
}

export const toCursor = (state: Unfinished): Cursor => ({ ...state })

export const finishedCursor = ({ newest, since }: Unfinished): Cursor => ({ watermark: newest ?? since })

/** Resumes an unfinished listing; the cursor of a finished one is the watermark of a new `changed` listing. */
export function readCursor(scope: ListScope, cursor: Cursor | null): Outcome<Unfinished> {
  const start: Unfinished = { listing: scope, status: 0, page: null, since: null, newest: null, progress: AT_START }
  if (cursor === null) return ok(start)
  const { listing, status, page, since, newest, watermark } = cursor
  const progress = isProgress(cursor['progress']) ? cursor['progress'] : AT_START
  if (isInstantOrNull(watermark)) return ok({ ...start, since: scope === 'full' ? null : watermark })
  const isValid =
    (listing === 'full' || listing === 'changed') &&
    typeof status === 'number' &&
    (page === null || typeof page === 'string') &&
    isInstantOrNull(since) &&
    isInstantOrNull(newest)
  return isValid
    ? ok({ listing, status, page, since, newest, progress })
    : rejected('CURSOR', 'not a cursor of a Luma listing')
}

function isProgress(value: unknown): value is Progress {
  return (
    isObject(value) &&
    typeof value['pages'] === 'number' &&
    typeof value['barren'] === 'number' &&
    (value['anchor'] === null || typeof value['anchor'] === 'string')
  )
}

function isInstantOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && !Number.isNaN(Date.parse(value)))
}

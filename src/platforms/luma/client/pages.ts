import type { Outcome } from '../../port.js'
import { ContractError, requireArray, requireObject } from '../../kit/response-shape.js'
import { ok } from '../../kit/outcomes.js'
import { optionalText } from './contract.js'
import type { Parse } from './client.js'
import { MAX_PAGES } from '../config.js'

export interface Page<T> {
  entries: T[]
  /** Null on the last page. */
  nextCursor: string | null
}

export const parsePage =
  <T>(parseEntry: (entry: unknown) => T): Parse<Page<T>> =>
  (json) => {
    const page = requireObject(json, 'page')
    const entries = requireArray(page['entries'], 'entries').map(parseEntry)
    if (typeof page['has_more'] !== 'boolean') throw new ContractError('has_more')
    const nextCursor = page['has_more'] ? optionalText(page, 'next_cursor') : null
    if (page['has_more'] && nextCursor === null) throw new ContractError('next_cursor')
    return { entries, nextCursor }
  }

/** Detects lists that do not advance. JSON, since it is stored in a cursor. */
export interface Progress {
  pages: number
  /** Consecutive pages without new entries. */
  barren: number
  /** An earlier cursor. */
  anchor: string | null
}

export const AT_START: Progress = { pages: 0, barren: 0, anchor: null }

/** Platforms occasionally send an empty page; this many in a row are an error. */
const MAX_EMPTY_PAGES = 5
/** Ticket types and webhooks take a few pages at most. */
const MAX_SHORT_LIST_PAGES = 20

/**
 * The progress after one more page; a failure if the list does not advance. Cycles are detected by comparing cursors
 * with an anchor, which is replaced after twice as many pages each time (Brent's algorithm).
 */
export function advance(
  progress: Progress,
  nextCursor: string,
  newEntries: number,
  maxPages = MAX_PAGES,
): Outcome<Progress> {
  const { anchor } = progress
  const pages = progress.pages + 1
  const barren = newEntries > 0 ? 0 : progress.barren + 1
  if (nextCursor === anchor) return { kind: 'UNAVAILABLE', reason: 'the list does not advance: its cursors repeat' }
  if (barren >= MAX_EMPTY_PAGES)
    return {
      kind: 'UNAVAILABLE',
      reason: `the list does not advance: ${MAX_EMPTY_PAGES} pages in a row without new entries`,
    }
  if (pages >= maxPages) return { kind: 'UNAVAILABLE', reason: `the list does not end within ${maxPages} pages` }
  return ok({ pages, barren, anchor: Number.isInteger(Math.log2(pages)) ? nextCursor : anchor })
}

/** Reads all entries of a short list, paged or not. */
export async function readAllPages<T>(
  read: (cursor: string | null) => Promise<Outcome<Page<T>>>,
): Promise<Outcome<T[]>> {
  const all: T[] = []
  let cursor: string | null = null
  let progress = AT_START
  for (;;) {
    const page: Outcome<Page<T>> = await read(cursor)
    if (page.kind !== 'OK') return page
    all.push(...page.value.entries)
    cursor = page.value.nextCursor
    if (cursor === null) return ok(all)
    const advanced = advance(progress, cursor, page.value.entries.length, MAX_SHORT_LIST_PAGES)
    if (advanced.kind !== 'OK') return advanced
    progress = advanced.value
  }
}

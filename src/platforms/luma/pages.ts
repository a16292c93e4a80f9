import type { Outcome } from '../port.js'
import { ContractError, list, object, ok, textOf, unavailable } from './answers.js'
import type { Parse } from './client.js'
import { MAX_PAGES } from './constants.js'

export interface Page<T> {
  entries: T[]
  /** Null: this was the last. */
  nextCursor: string | null
}

export const parsePage =
  <T>(parseEntry: (entry: unknown) => T): Parse<Page<T>> =>
  (json) => {
    const page = object(json, 'page')
    const entries = list(page['entries'], 'entries').map(parseEntry)
    if (typeof page['has_more'] !== 'boolean') throw new ContractError('has_more')
    const nextCursor = page['has_more'] ? textOf(page, 'next_cursor') : null
    if (page['has_more'] && nextCursor === null) throw new ContractError('next_cursor')
    return { entries, nextCursor }
  }

/** Whether a list gets on: JSON, so that it travels in a cursor. */
export interface Progress {
  pages: number
  /** Pages in a row that brought nothing. */
  barren: number
  /** A cursor met before. */
  anchor: string | null
}

export const AT_START: Progress = { pages: 0, barren: 0, anchor: null }

/** A platform may send an empty page now and then; so many in a row are no list. */
const MAX_EMPTY_PAGES = 5
/** Ticket types and webhooks fill a few pages at most. */
const SHORT_LIST_PAGES = 20

/**
 * One page further; a failure where the list does not move on. A cycle of cursors is found by keeping one of them and
 * moving it on after twice as many pages each time (Brent).
 */
export function advance(
  progress: Progress,
  nextCursor: string,
  brought: number,
  mostPages = MAX_PAGES,
): Outcome<Progress> {
  const { anchor } = progress
  const pages = progress.pages + 1
  const barren = brought > 0 ? 0 : progress.barren + 1
  if (nextCursor === anchor) return unavailable('the list does not move on: its cursors repeat')
  if (barren >= MAX_EMPTY_PAGES)
    return unavailable(`the list does not move on: ${MAX_EMPTY_PAGES} pages brought nothing`)
  if (pages >= mostPages) return unavailable(`the list does not end within ${mostPages} pages`)
  return ok({ pages, barren, anchor: Number.isInteger(Math.log2(pages)) ? nextCursor : anchor })
}

/** All entries of a short list, however it is paged. */
export async function allPages<T>(read: (cursor: string | null) => Promise<Outcome<Page<T>>>): Promise<Outcome<T[]>> {
  const all: T[] = []
  let cursor: string | null = null
  let progress = AT_START
  for (;;) {
    const page: Outcome<Page<T>> = await read(cursor)
    if (page.kind !== 'OK') return page
    all.push(...page.value.entries)
    cursor = page.value.nextCursor
    if (cursor === null) return ok(all)
    const further = advance(progress, cursor, page.value.entries.length, SHORT_LIST_PAGES)
    if (further.kind !== 'OK') return further
    progress = further.value
  }
}

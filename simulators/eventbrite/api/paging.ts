import type { Knobs, Random } from '../../kit/index.js'
import { badArgument, rejection } from '../errors.js'
import type { Toggles } from '../toggles.js'

export const PAGE_SIZE = 50

export type Query = Record<string, string | undefined>

interface PagePosition {
  page: number
  /** The page after a truncated one. */
  broken?: boolean
}

/** Returns lists as pages in Eventbrite's envelope, with injected page faults. */
export class Pager {
  constructor(private readonly ports: { knobs: Knobs; toggles: Toggles; random: Random }) {}

  /** `view` is applied to the items of the page only. */
  page<T>(
    name: string,
    items: T[],
    query: Query,
    view: (item: T) => unknown = (item) => item,
  ): Record<string, unknown> {
    const { knobs, toggles, random } = this.ports
    const { page, broken } = positionOf(query)
    if (broken) throw rejection(500, 'INTERNAL_ERROR', 'The next page could not be created')
    const pages = Math.max(1, Math.ceil(items.length / PAGE_SIZE))
    if (page > pages) throw rejection(400, 'BAD_PAGE', `There are ${pages} pages`)
    const empty = random.chance(knobs.current.emptyPage)
    const truncated = !empty && random.chance(knobs.current.truncatedPage)
    const repeats = page > 1 && random.chance(toggles.current.duplicateAcrossPages)
    const start = (page - 1) * PAGE_SIZE
    const shown = empty ? [] : items.slice(repeats ? start - 1 : start, start + PAGE_SIZE)
    const more = !empty && (truncated || page < pages)
    const next: PagePosition = { page: page + 1, ...(truncated && { broken: true }) }
    const pagination = {
      object_count: items.length,
      page_number: page,
      page_size: PAGE_SIZE,
      page_count: pages,
      has_more_items: more,
      // Absent on the last page.
      ...(more && { continuation: Buffer.from(JSON.stringify(next)).toString('base64url') }),
    }
    return { pagination, [name]: shown.map(view) }
  }
}

function positionOf({ continuation, page }: Query): PagePosition {
  if (continuation !== undefined) {
    const position = decode(continuation)
    if (position === null) throw rejection(400, 'BAD_CONTINUATION_TOKEN', 'The continuation token is invalid')
    return position
  }
  if (page === undefined) return { page: 1 }
  if (!/^[1-9]\d{0,5}$/.test(page)) throw rejection(400, 'BAD_PAGE', 'The page number is invalid')
  return { page: Number(page) }
}

function decode(token: string): PagePosition | null {
  try {
    const position = JSON.parse(Buffer.from(token, 'base64url').toString()) as PagePosition | null
    return Number.isInteger(position?.page) ? position : null
  } catch {
    return null // Not a token of this simulator; the caller rejects it.
  }
}

interface Changed {
  id: string
  changed: number
}

/**
 * `changed_since` is inclusive, in whole seconds; `last_item_seen` skips items of that second with the same or a lower
 * id. With `changed_since` the list is ordered by change, else by id.
 */
export function sinceFilter<T extends Changed>(
  items: T[],
  query: Query,
  compare: (a: string, b: string) => number,
): T[] {
  const { changed_since: changedSince, last_item_seen: lastSeen } = query
  if (changedSince === undefined) {
    if (lastSeen !== undefined) throw badArgument('last_item_seen')
    return items.toSorted((a, b) => compare(a.id, b.id))
  }
  const since = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(changedSince) ? Date.parse(changedSince) : Number.NaN
  if (Number.isNaN(since)) throw badArgument('changed_since')
  const second = (ms: number) => Math.floor(ms / 1_000) * 1_000
  const isNew = ({ id, changed }: T) =>
    second(changed) > since || (second(changed) === since && (lastSeen === undefined || compare(id, lastSeen) > 0))
  return items.filter(isNew).toSorted((a, b) => second(a.changed) - second(b.changed) || compare(a.id, b.id))
}

import type { Knobs, Random } from '../kit/index.js'
import { badArgument, refusal } from './refusals.js'
import type { Toggles } from './toggles.js'

export const PAGE_SIZE = 50

export type Query = Record<string, string | undefined>

interface Place {
  page: number
  /** The page after a truncated one. */
  broken?: boolean
}

/** Cuts lists into pages, in Eventbrite's envelope, with the faults that pages can have. */
export class Pager {
  constructor(private readonly ports: { knobs: Knobs; toggles: Toggles; random: Random }) {}

  /** `view`: how an item is shown; only those of the page are. */
  page<T>(
    name: string,
    items: T[],
    query: Query,
    view: (item: T) => unknown = (item) => item,
  ): Record<string, unknown> {
    const { knobs, toggles, random } = this.ports
    const { page, broken } = placeOf(query)
    if (broken) throw refusal(500, 'INTERNAL_ERROR', 'The next page could not be made')
    const pages = Math.max(1, Math.ceil(items.length / PAGE_SIZE))
    if (page > pages) throw refusal(400, 'BAD_PAGE', `There are ${pages} pages`)
    const empty = random.chance(knobs.current.emptyPage)
    const truncated = !empty && random.chance(knobs.current.truncatedPage)
    const repeats = page > 1 && random.chance(toggles.current.duplicateAcrossPages)
    const start = (page - 1) * PAGE_SIZE
    const shown = empty ? [] : items.slice(repeats ? start - 1 : start, start + PAGE_SIZE)
    const more = !empty && (truncated || page < pages)
    const next: Place = { page: page + 1, ...(truncated && { broken: true }) }
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

function placeOf({ continuation, page }: Query): Place {
  if (continuation !== undefined) {
    const place = decode(continuation)
    if (place === null) throw refusal(400, 'BAD_CONTINUATION_TOKEN', 'The continuation token is invalid')
    return place
  }
  if (page === undefined) return { page: 1 }
  if (!/^[1-9]\d{0,5}$/.test(page)) throw refusal(400, 'BAD_PAGE', 'The page number is invalid')
  return { page: Number(page) }
}

function decode(token: string): Place | null {
  try {
    const place = JSON.parse(Buffer.from(token, 'base64url').toString()) as Place | null
    return Number.isInteger(place?.page) ? place : null
  } catch {
    return null // Not one of ours; the caller refuses it.
  }
}

interface Changed {
  id: string
  changed: number
}

/**
 * `changed_since` is inclusive and knows whole seconds; `last_item_seen` skips what has that very second and no higher
 * id. With it the list is ordered by change, else by id.
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

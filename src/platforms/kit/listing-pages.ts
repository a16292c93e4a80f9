import type { Outcome } from '../port.js'
import { isObject } from './response-shape.js'
import { ok, rejected } from './outcomes.js'
import type { ListingPage, ListingQuery, UpcomingListing } from '../upcoming-listing.js'

/** A page of the platform; its fields are texts, since it is part of a cursor. */
export type PlatformPage = Readonly<Record<string, string | null>>

/** Rows of one page, in order. `next`: null on the last one. */
export interface Rows<Row> {
  rows: readonly Row[]
  next: PlatformPage | null
}

export interface ListingSource<Row> {
  /** Null: the first page. */
  read(page: PlatformPage | null): Promise<Outcome<Rows<Row>>>
  matches(row: Row): boolean
  /** The listing of a row, with what takes calls of its own. GONE: it has just been deleted. */
  complete(row: Row): Promise<Outcome<UpcomingListing>>
}

/** Where a list continues: a page of the platform, and how many of its rows are done. */
interface Position {
  page: PlatformPage | null
  done: number
}

/** The code of the REJECTED outcome for a cursor that is not one of these lists. */
export const INVALID_CURSOR = 'INVALID_CURSOR'

/** Pages that one request reads at most: a filter may match none of thousands. */
const MAX_PAGES = 5

/**
 * Reads pages until `limit` listings match. Where the platform stops responding on the way, for example because the rate
 * limit is reached, the listings read so far are a shorter page, and its cursor continues behind them.
 */
export async function collectListings<Row>(
  source: ListingSource<Row>,
  { cursor, limit }: Pick<ListingQuery, 'cursor' | 'limit'>,
): Promise<Outcome<ListingPage>> {
  let position = cursor === null ? { page: null, done: 0 } : parseCursor(cursor)
  if (position === null) return rejected(INVALID_CURSOR, 'the cursor is not one of this list')
  const listings: UpcomingListing[] = []
  const upTo = (end: Position | null): Outcome<ListingPage> =>
    ok({ listings, nextCursor: end && Buffer.from(JSON.stringify([end.page, end.done])).toString('base64url') })
  for (let pages = 0; pages < MAX_PAGES && listings.length < limit; pages++) {
    const read: Outcome<Rows<Row>> = await source.read(position.page)
    if (read.kind !== 'OK') return listings.length > 0 ? upTo(position) : read
    for (const [index, row] of read.value.rows.entries()) {
      if (index < position.done || !source.matches(row)) continue
      const here: Position = { page: position.page, done: index }
      if (listings.length === limit) return upTo(here)
      const listing = await source.complete(row)
      if (listing.kind === 'OK') listings.push(listing.value)
      else if (listing.kind !== 'GONE') return listings.length > 0 ? upTo(here) : listing
    }
    if (read.value.next === null) return upTo(null)
    position = { page: read.value.next, done: 0 }
  }
  return upTo(position)
}

function parseCursor(cursor: string): Position | null {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return null // Not JSON: the caller reports it.
  }
  if (!Array.isArray(value) || value.length !== 2) return null
  const [page, done] = value as unknown[]
  if (!Number.isSafeInteger(done) || Number(done) < 0) return null
  const isPage = page === null || (isObject(page) && Object.values(page).every((one) => one === null || isText(one)))
  return isPage ? { page: page as PlatformPage | null, done: Number(done) } : null
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 2_000
}

/** Whether a name contains the text, in any case; an empty text matches. */
export function nameMatches(name: string, q: string | null): boolean {
  return name.toLowerCase().includes((q ?? '').toLowerCase())
}

import { LumaError } from '../errors.js'
import type { Guest, GuestStatus } from '../state/model.js'
import type { LumaToggles } from '../toggles.js'

export const SORT_COLUMNS = ['name', 'email', 'created_at', 'registered_at', 'checked_in_at'] as const
export const SORT_DIRECTIONS = ['asc', 'desc', 'asc nulls last', 'desc nulls last'] as const

export interface GuestQuery {
  status: GuestStatus | null
  column: (typeof SORT_COLUMNS)[number]
  direction: (typeof SORT_DIRECTIONS)[number]
}

/** Nulls are ordered as in PostgreSQL, whose names Luma's directions have: last when ascending, first when descending. */
export function sortGuests(guests: Guest[], { status, column, direction }: GuestQuery): Guest[] {
  const descending = direction.startsWith('desc')
  const nullsLast = direction !== 'desc'
  return guests
    .filter((guest) => !guest.vanished && (status === null || guest.status === status))
    .map((guest) => ({ guest, key: sortKey(guest, column) }))
    .toSorted((a, b) => {
      if (a.key === null || b.key === null) {
        return a.key === b.key ? 0 : (a.key === null) === nullsLast ? 1 : -1
      }
      const order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0
      return descending ? -order : order
    })
    .map(({ guest }) => guest)
}

function sortKey(guest: Guest, column: GuestQuery['column']): string | number | null {
  if (column === 'name') return guest.name
  if (column === 'email') return guest.email
  if (column === 'created_at') return guest.createdAt
  if (column === 'registered_at') return guest.registeredAt
  return guest.tickets.find(({ checkedInAt }) => checkedInAt !== null)?.checkedInAt ?? null
}

/** A cursor is a position in the sorted list, so rows shift between pages when others are added or removed. */
export interface PagePosition {
  offset: number
  /** The call with this cursor fails. */
  broken: boolean
}

const PREFIX = 'cur_'

export function encodeCursor(position: PagePosition): string {
  return PREFIX + Buffer.from(JSON.stringify([position.offset, position.broken])).toString('base64url')
}

/** @throws LumaError 400 */
export function decodeCursor(cursor: string | null): PagePosition {
  if (cursor === null) return { offset: 0, broken: false }
  try {
    const [offset, broken]: unknown[] = JSON.parse(Buffer.from(cursor.slice(PREFIX.length), 'base64url').toString())
    if (cursor.startsWith(PREFIX) && Number.isSafeInteger(offset))
      return { offset: Number(offset), broken: broken === true }
  } catch {
    // Falls through to the rejection below.
  }
  throw new LumaError(400, 'Invalid pagination_cursor')
}

export interface Page<T> {
  entries: T[]
  has_more: boolean
  next_cursor?: string
}

/** With the toggle: a page of a list that never ends. In a list of empty pages every cursor is new. */
export function stuckPage<T>(page: Page<T>, { offset }: PagePosition, stuckList: LumaToggles['stuckList']): Page<T> {
  if (stuckList === 'no') return page
  const next = { repeat: 1, cycle: offset === 1 ? 2 : 1, empty: offset + 1 }[stuckList]
  const cursor = encodeCursor({ offset: next, broken: false })
  return { entries: stuckList === 'empty' ? [] : page.entries, has_more: true, next_cursor: cursor }
}

/** `fault`: `TRUNCATED` returns half a page and a cursor that fails, `EMPTY` a page without rows. */
export function pageOf<T>(
  items: T[],
  offset: number,
  size: number,
  fault: 'TRUNCATED' | 'EMPTY' | null = null,
): Page<T> {
  const end = fault === 'TRUNCATED' ? offset + Math.ceil(size / 2) : offset + size
  const entries = fault === 'EMPTY' ? [] : items.slice(offset, end)
  if (fault === 'TRUNCATED')
    return { entries, has_more: true, next_cursor: encodeCursor({ offset: end, broken: true }) }
  if (end >= items.length) return { entries, has_more: false }
  return { entries, has_more: true, next_cursor: encodeCursor({ offset: end, broken: false }) }
}

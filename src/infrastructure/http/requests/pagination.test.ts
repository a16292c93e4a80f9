import { describe, expect, it } from 'vitest'
import { ValidationFailed } from '../../../domain/errors.js'
import { newId } from '../../ids.js'
import { pageArgs, readCursor, readNumberCursor, toPage } from './pagination.js'

const rows = Array.from({ length: 5 }, () => ({ id: newId('evt') })).toReversed()

/** What the database would return. */
function find(limit: number, cursor?: string) {
  const { take, where } = pageArgs({ limit, ...(cursor === undefined ? {} : { cursor }) })
  const after = where.id?.lt
  const found = rows.filter(({ id }) => after === undefined || id < after).slice(0, take)
  return toPage(found, limit, ({ id }) => id)
}

describe('pagination', () => {
  it.each([1, 2, 4, 5, 100])('returns every row once and in order with pages of %i', (limit) => {
    const seen: string[] = []
    let cursor: string | undefined
    for (let page = 0; page < 10; page++) {
      const { items, nextCursor } = find(limit, cursor)
      seen.push(...items)
      if (nextCursor === null) break
      expect(items).toHaveLength(limit)
      cursor = nextCursor
    }
    expect(seen).toEqual(rows.map(({ id }) => id))
  })

  it('returns an empty page for no rows', () => {
    expect(toPage([], 20, (row) => row)).toEqual({ items: [], nextCursor: null })
  })

  it('supports numeric ids', () => {
    const { nextCursor } = toPage([{ id: 9n }, { id: 8n }], 1, ({ id }) => id)
    expect(readNumberCursor(nextCursor ?? undefined)).toBe(9n)
    expect(readNumberCursor(undefined)).toBeUndefined()
  })

  it.each(['', 'x', '!!!', 'ZXZ0XzE', Buffer.from("evt_' OR true").toString('base64url')])(
    'rejects the cursor "%s"',
    (cursor) => {
      expect(() => readCursor(cursor)).toThrow(ValidationFailed)
      expect(() => readNumberCursor(cursor)).toThrow(ValidationFailed)
    },
  )

  it('rejects a valid cursor in another encoding', () => {
    const { nextCursor } = find(1)
    expect(() => readCursor(`${nextCursor}=`)).toThrow(ValidationFailed)
  })
})

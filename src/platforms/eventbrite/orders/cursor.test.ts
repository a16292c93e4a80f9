import { describe, expect, it } from 'vitest'
import { freshRun, pageQuery, readCursor, watermark } from './cursor.js'

describe('Eventbrite listing cursor', () => {
  const now = new Date('2026-11-05T18:10:00.000Z')

  it('requests everything without a watermark, and always for a full list', () => {
    expect(pageQuery(null, freshRun('changed', now))).toEqual({})
    expect(pageQuery('2026-11-05T18:00:00.000Z', freshRun('full', now))).toEqual({})
  })

  it('starts a list of changes two minutes before the watermark', () => {
    const { since, run } = readCursor({ since: '2026-11-05T18:00:00.000Z', run: null }, 'changed', now)
    expect(pageQuery(since, run)).toEqual({ changed_since: '2026-11-05T17:58:00Z' })
  })

  it('requests the next page by token, or by number where there is none', () => {
    const next = { ...freshRun('changed', now), page: 3 }
    expect(pageQuery(null, { ...next, continuation: 'abc' })).toEqual({ continuation: 'abc' })
    expect(pageQuery(null, next)).toEqual({ page: '3' })
  })

  it('restores a cursor from JSON, and starts from the beginning when it is unreadable', () => {
    const run = { ...freshRun('full', now), page: 4, continuation: 'x', newest: '2026-11-05T18:01:00.000Z', seen: 150 }
    const cursor = JSON.parse(JSON.stringify({ since: null, run })) as Record<string, unknown>
    expect(readCursor(cursor, 'full', new Date())).toEqual({ since: null, run })
    expect(readCursor(cursor, 'changed', now).run).toEqual(freshRun('changed', now))
    expect(readCursor({ since: 'nonsense', run: { page: 'x' } }, 'full', now)).toEqual({
      since: null,
      run: freshRun('full', now),
    })
  })

  it('uses the newest change as the watermark, but none after the start of the list', () => {
    const run = freshRun('full', now)
    expect(watermark(null, { ...run, newest: '2026-11-05T18:05:00.000Z' })).toBe('2026-11-05T18:05:00.000Z')
    expect(watermark(null, { ...run, newest: '2026-11-05T18:30:00.000Z' })).toBe(now.toISOString())
    expect(watermark('2026-11-05T18:07:00.000Z', { ...run, newest: '2026-11-05T18:05:00.000Z' })).toBe(
      '2026-11-05T18:07:00.000Z',
    )
    expect(watermark('2026-11-05T18:07:00.000Z', run)).toBe('2026-11-05T18:07:00.000Z')
  })

  it('keeps the watermark 15 minutes behind our clock while nothing changes', () => {
    const run = freshRun('changed', now)
    expect(watermark(null, run)).toBe('2026-11-05T17:55:00.000Z')
    expect(watermark('2026-11-05T12:00:00.000Z', run)).toBe('2026-11-05T17:55:00.000Z')
    expect(watermark(null, { ...run, newest: '2026-11-05T12:00:00.000Z' })).toBe('2026-11-05T17:55:00.000Z')
  })
})

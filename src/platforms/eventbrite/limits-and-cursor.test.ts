import { describe, expect, it } from 'vitest'
import { freshRun, pageQuery, resume, watermark } from './cursor.js'
import { explainedWait, fallbackWait, parseRateLimit } from './rate-limit.js'

describe('x-rate-limit', () => {
  const header = 'token:SECRET 22/2000 reset=3533s, key:APP 1500/2000 reset=60s'

  it('tells both buckets, the worse first', () => {
    expect(parseRateLimit(header)).toEqual([
      { used: 1_500, limit: 2_000, resetInMs: 60_000 },
      { used: 22, limit: 2_000, resetInMs: 3_533_000 },
    ])
    expect(parseRateLimit(undefined)).toEqual([])
    expect(parseRateLimit('token:SECRET a/b reset=1s')).toEqual([])
    expect(parseRateLimit('token:SECRET 5/0 reset=1s')).toEqual([])
  })

  it('explains a refusal by the bucket that is used up, not by one with room', () => {
    const now = new Date('2026-11-18T13:00:00Z')
    const spent = 'token:SECRET 22/2000 reset=3533s, key:APP 2000/2000 reset=60s'
    expect(explainedWait({ 'x-rate-limit': spent }, now)).toBe(60_000)
    expect(explainedWait({ 'x-rate-limit': header }, now)).toBeNull()
    expect(explainedWait({ 'retry-after': '7', 'x-rate-limit': spent }, now)).toBe(7_000)
    expect(explainedWait({ 'retry-after': new Date(now.getTime() + 9_000).toUTCString() }, now)).toBe(9_000)
    expect(explainedWait({ 'retry-after': 'soon' }, now)).toBeNull()
    expect(explainedWait({ 'x-rate-limit': 'token:S 9/9 reset=999999s' }, now)).toBe(3_600_000)
  })

  it('without an explanation waits a minute, doubling to 15', () => {
    expect([0, 1, 2, 3, 4, 50].map(fallbackWait)).toEqual([60_000, 120_000, 240_000, 480_000, 900_000, 900_000])
  })
})

describe('the cursor of a listing', () => {
  const now = new Date('2026-11-05T18:10:00.000Z')

  it('starts from the beginning without one, and for a full listing always', () => {
    expect(pageQuery(null, freshRun('changed', now))).toEqual({})
    expect(pageQuery('2026-11-05T18:00:00.000Z', freshRun('full', now))).toEqual({})
  })

  it('starts a listing of changes two minutes before the watermark', () => {
    const { since, run } = resume({ since: '2026-11-05T18:00:00.000Z', run: null }, 'changed', now)
    expect(pageQuery(since, run)).toEqual({ changed_since: '2026-11-05T17:58:00Z' })
  })

  it('goes on by token, or by number where there was none', () => {
    const next = { ...freshRun('changed', now), page: 3 }
    expect(pageQuery(null, { ...next, continuation: 'abc' })).toEqual({ continuation: 'abc' })
    expect(pageQuery(null, next)).toEqual({ page: '3' })
  })

  it('survives JSON, and what it cannot read starts afresh', () => {
    const run = { ...freshRun('full', now), page: 4, continuation: 'x', newest: '2026-11-05T18:01:00.000Z', seen: 150 }
    const cursor = JSON.parse(JSON.stringify({ since: null, run })) as Record<string, unknown>
    expect(resume(cursor, 'full', new Date())).toEqual({ since: null, run })
    expect(resume(cursor, 'changed', now).run).toEqual(freshRun('changed', now))
    expect(resume({ since: 'nonsense', run: { page: 'x' } }, 'full', now)).toEqual({
      since: null,
      run: freshRun('full', now),
    })
  })

  it('leaves as watermark the newest change, but not one after the listing began', () => {
    const run = freshRun('full', now)
    expect(watermark(null, { ...run, newest: '2026-11-05T18:05:00.000Z' })).toBe('2026-11-05T18:05:00.000Z')
    expect(watermark(null, { ...run, newest: '2026-11-05T18:30:00.000Z' })).toBe(now.toISOString())
    expect(watermark('2026-11-05T18:07:00.000Z', { ...run, newest: '2026-11-05T18:05:00.000Z' })).toBe(
      '2026-11-05T18:07:00.000Z',
    )
    expect(watermark('2026-11-05T18:07:00.000Z', run)).toBe('2026-11-05T18:07:00.000Z')
  })

  it('follows our clock a quarter of an hour behind while nothing changes', () => {
    const run = freshRun('changed', now)
    expect(watermark(null, run)).toBe('2026-11-05T17:55:00.000Z')
    expect(watermark('2026-11-05T12:00:00.000Z', run)).toBe('2026-11-05T17:55:00.000Z')
    expect(watermark(null, { ...run, newest: '2026-11-05T12:00:00.000Z' })).toBe('2026-11-05T17:55:00.000Z')
  })
})

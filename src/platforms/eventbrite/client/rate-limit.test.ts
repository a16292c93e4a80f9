import { describe, expect, it } from 'vitest'
import { fallbackWaitMs, readRateLimit, reportedWaitMs } from './rate-limit.js'

describe('Eventbrite rate limits', () => {
  const header = 'token:SECRET 22/2000 reset=3533s, key:APP 1500/2000 reset=60s'

  it('reads both buckets of x-rate-limit, the one with the highest use first', () => {
    expect(readRateLimit(header)).toEqual([
      { used: 1_500, limit: 2_000, resetInMs: 60_000 },
      { used: 22, limit: 2_000, resetInMs: 3_533_000 },
    ])
    expect(readRateLimit(undefined)).toEqual([])
    expect(readRateLimit('token:SECRET a/b reset=1s')).toEqual([])
    expect(readRateLimit('token:SECRET 5/0 reset=1s')).toEqual([])
  })

  it('derives the wait from Retry-After or from an exhausted bucket', () => {
    const now = new Date('2026-11-18T13:00:00Z')
    const exhausted = 'token:SECRET 22/2000 reset=3533s, key:APP 2000/2000 reset=60s'
    expect(reportedWaitMs({ 'x-rate-limit': exhausted }, now)).toBe(60_000)
    expect(reportedWaitMs({ 'x-rate-limit': header }, now)).toBeNull()
    expect(reportedWaitMs({ 'retry-after': '7', 'x-rate-limit': exhausted }, now)).toBe(7_000)
    expect(reportedWaitMs({ 'retry-after': new Date(now.getTime() + 9_000).toUTCString() }, now)).toBe(9_000)
    expect(reportedWaitMs({ 'retry-after': 'soon' }, now)).toBeNull()
    expect(reportedWaitMs({ 'x-rate-limit': 'token:S 9/9 reset=999999s' }, now)).toBe(3_600_000)
  })

  it('falls back to a wait of one minute, doubling to 15', () => {
    expect([0, 1, 2, 3, 4, 50].map(fallbackWaitMs)).toEqual([60_000, 120_000, 240_000, 480_000, 900_000, 900_000])
  })
})

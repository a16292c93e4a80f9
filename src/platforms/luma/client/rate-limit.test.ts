import { describe, expect, it } from 'vitest'
import { blockedUntil, readRateLimit } from './rate-limit.js'

const NOW = new Date('2026-01-01T00:00:00.000Z')
const blockedFor = (headers: Record<string, string>) => blockedUntil(headers, NOW).getTime() - NOW.getTime()
const seconds = (offset: number) => String(NOW.getTime() / 1_000 + offset)

describe('blockedUntil', () => {
  it.each([
    ['no header', {}, 60_000],
    ['less than a minute', { 'retry-after': '3' }, 60_000],
    ['more than a minute', { 'retry-after': '75' }, 75_000],
    ['a reset in unix seconds', { 'x-ratelimit-reset': seconds(90) }, 90_000],
    ['a reset in unix milliseconds', { 'x-ratelimit-reset': String(NOW.getTime() + 90_000) }, 90_000],
    ['a reset in ISO 8601', { 'x-ratelimit-reset': '2026-01-01T00:01:30.000Z' }, 90_000],
    ['the later of the two', { 'retry-after': '80', 'x-ratelimit-reset': seconds(70) }, 80_000],
    ['a date to retry after', { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, 120_000],
    ['a reset in the past', { 'x-ratelimit-reset': seconds(-500) }, 60_000],
    ['invalid headers', { 'retry-after': 'soon', 'x-ratelimit-reset': 'later' }, 60_000],
    ['a reset next year', { 'x-ratelimit-reset': '2027-01-01T00:00:00Z' }, 600_000],
  ])('returns the time to wait after a 429 with %s', (_name, headers, expected) => {
    expect(blockedFor(headers)).toBe(expected)
  })
})

describe('rate limit headers of a platform whose clock is off', () => {
  const at = (offsetMs: number) => new Date(NOW.getTime() + offsetMs)

  it.each([7, -7])('are read relative to its date header (%d minutes off)', (minutes) => {
    const platformTime = at(minutes * 60_000)
    const date = platformTime.toUTCString()
    const resetIn = (seconds: number) => new Date(platformTime.getTime() + seconds * 1_000)
    expect(blockedFor({ date, 'x-ratelimit-reset': resetIn(90).toISOString() })).toBe(90_000)
    expect(blockedFor({ date, 'x-ratelimit-reset': String(resetIn(20).getTime() / 1_000) })).toBe(60_000)
    expect(blockedFor({ date, 'retry-after': resetIn(120).toUTCString() })).toBe(120_000)
    expect(blockedFor({ date, 'retry-after': resetIn(-5).toUTCString() })).toBe(60_000)
    const limits = { date, 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '150' }
    expect(readRateLimit({ ...limits, 'x-ratelimit-reset': resetIn(30).toISOString() }, NOW)).toMatchObject({
      resetInMs: 30_000,
    })
  })

  it.each([
    ['a reset in the past', seconds(-500)],
    ['an invalid reset', 'soon'],
    ['an empty reset', ''],
  ])('imply a whole window if they have %s', (_name, reset) => {
    const headers = { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '150', 'x-ratelimit-reset': reset }
    expect(readRateLimit(headers, NOW)).toEqual({ used: 50, limit: 200, resetInMs: 60_000 })
  })

  it.each([0, -1, -9])(
    'state nothing when their window ended %d s ago, while the response was on its way',
    (offset) => {
      const headers = { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': seconds(offset) }
      expect(readRateLimit(headers, NOW)).toBeNull()
      expect(blockedFor(headers)).toBe(60_000)
    },
  )

  it('are read by the local clock if the date header is invalid', () => {
    expect(blockedFor({ date: 'today', 'x-ratelimit-reset': seconds(90) })).toBe(90_000)
  })
})

describe('readRateLimit', () => {
  it('reads the usage from the three headers', () => {
    const headers = { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '150', 'x-ratelimit-reset': seconds(30) }
    expect(readRateLimit(headers, NOW)).toEqual({ used: 50, limit: 200, resetInMs: 30_000 })
  })

  it('returns null for missing or invalid headers', () => {
    expect(readRateLimit({}, NOW)).toBeNull()
    expect(readRateLimit({ 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '201' }, NOW)).toBeNull()
    expect(readRateLimit({ 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '-1' }, NOW)).toBeNull()
  })
})

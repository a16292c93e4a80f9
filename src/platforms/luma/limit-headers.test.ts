import { describe, expect, it } from 'vitest'
import { blockedUntil, verdictOf } from './limit-headers.js'

const NOW = new Date('2026-01-01T00:00:00.000Z')
const blockedFor = (headers: Record<string, string>) => blockedUntil(headers, NOW).getTime() - NOW.getTime()
const seconds = (offset: number) => String(NOW.getTime() / 1_000 + offset)

describe('after a 429', () => {
  it.each([
    ['nothing said', {}, 60_000],
    ['less than a minute', { 'retry-after': '3' }, 60_000],
    ['more than a minute', { 'retry-after': '75' }, 75_000],
    ['a reset in unix seconds', { 'x-ratelimit-reset': seconds(90) }, 90_000],
    ['a reset in unix milliseconds', { 'x-ratelimit-reset': String(NOW.getTime() + 90_000) }, 90_000],
    ['a reset in ISO 8601', { 'x-ratelimit-reset': '2026-01-01T00:01:30.000Z' }, 90_000],
    ['the later of the two', { 'retry-after': '80', 'x-ratelimit-reset': seconds(70) }, 80_000],
    ['a date to retry after', { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, 120_000],
    ['a reset in the past', { 'x-ratelimit-reset': seconds(-500) }, 60_000],
    ['nonsense', { 'retry-after': 'soon', 'x-ratelimit-reset': 'later' }, 60_000],
    ['next year', { 'x-ratelimit-reset': '2027-01-01T00:00:00Z' }, 600_000],
  ])('waits as told: %s', (_name, headers, expected) => {
    expect(blockedFor(headers)).toBe(expected)
  })
})

describe('a platform whose clock is off', () => {
  const at = (offsetMs: number) => new Date(NOW.getTime() + offsetMs)

  it.each([7, -7])('by %d minutes is waited for as long as it means', (minutes) => {
    const theirs = at(minutes * 60_000)
    const date = theirs.toUTCString()
    const resetIn = (seconds: number) => new Date(theirs.getTime() + seconds * 1_000)
    expect(blockedFor({ date, 'x-ratelimit-reset': resetIn(90).toISOString() })).toBe(90_000)
    expect(blockedFor({ date, 'x-ratelimit-reset': String(resetIn(20).getTime() / 1_000) })).toBe(60_000)
    expect(blockedFor({ date, 'retry-after': resetIn(120).toUTCString() })).toBe(120_000)
    expect(blockedFor({ date, 'retry-after': resetIn(-5).toUTCString() })).toBe(60_000)
    const verdict = { date, 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '150' }
    expect(verdictOf({ ...verdict, 'x-ratelimit-reset': resetIn(30).toISOString() }, NOW)).toMatchObject({
      resetInMs: 30_000,
    })
  })

  it.each([
    ['a reset that is over', seconds(-500)],
    ['nonsense', 'soon'],
    ['nothing', ''],
  ])('%s tells nothing: what is used is used for a whole window', (_name, reset) => {
    const headers = { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '150', 'x-ratelimit-reset': reset }
    expect(verdictOf(headers, NOW)).toEqual({ used: 50, limit: 200, resetInMs: 60_000 })
  })

  it('a date that is none is not believed', () => {
    expect(blockedFor({ date: 'today', 'x-ratelimit-reset': seconds(90) })).toBe(90_000)
  })
})

describe('the platform’s own count', () => {
  it('is read from its three headers', () => {
    const headers = { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '150', 'x-ratelimit-reset': seconds(30) }
    expect(verdictOf(headers, NOW)).toEqual({ used: 50, limit: 200, resetInMs: 30_000 })
  })

  it('is not guessed', () => {
    expect(verdictOf({}, NOW)).toBeNull()
    expect(verdictOf({ 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '201' }, NOW)).toBeNull()
    expect(verdictOf({ 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '-1' }, NOW)).toBeNull()
  })
})

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

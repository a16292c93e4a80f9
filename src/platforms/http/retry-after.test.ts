import { describe, expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.js'

const NOW = new Date('2026-11-18T13:00:00Z')

describe('retryAfterMs', () => {
  it.each<[string, string | undefined, string | undefined, number | null]>([
    ['reads seconds', '7', undefined, 7_000],
    ['reads seconds with spaces', ' 12 ', undefined, 12_000],
    ['reads a date', 'Wed, 18 Nov 2026 13:00:09 GMT', undefined, 9_000],
    [
      'reads a date of a clock that is five minutes slow',
      'Wed, 18 Nov 2026 12:55:20 GMT',
      'Wed, 18 Nov 2026 12:55:00 GMT',
      20_000,
    ],
    [
      'reads a date of a clock that is five minutes fast',
      'Wed, 18 Nov 2026 13:05:20 GMT',
      'Wed, 18 Nov 2026 13:05:00 GMT',
      20_000,
    ],
    ['reads a date when the Date header is invalid', 'Wed, 18 Nov 2026 13:00:09 GMT', 'yesterday', 9_000],
    ['ignores a date in the past', 'Wed, 18 Nov 2026 12:59:59 GMT', undefined, null],
    ['ignores a date equal to now', 'Wed, 18 Nov 2026 13:00:00 GMT', undefined, null],
    ['ignores zero', '0', undefined, null],
    ['returns null without a header', undefined, undefined, null],
    ['ignores text', 'soon', undefined, null],
    ['reads a four-digit number as seconds, not as a year', '2026', undefined, 2_026_000],
    ['ignores a negative number', '-5', undefined, null],
    ['ignores a fraction', '1.5', undefined, null],
  ])('%s', (_name, text, date, expected) => {
    expect(retryAfterMs(text, NOW, date)).toBe(expected)
  })
})

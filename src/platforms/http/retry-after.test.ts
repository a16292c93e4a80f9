import { describe, expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.js'

const NOW = new Date('2026-11-18T13:00:00Z')

describe('Retry-After', () => {
  it.each<[string, string | undefined, string | undefined, number | null]>([
    ['seconds', '7', undefined, 7_000],
    ['seconds with spaces', ' 12 ', undefined, 12_000],
    ['a date', 'Wed, 18 Nov 2026 13:00:09 GMT', undefined, 9_000],
    [
      'a date by a clock that is five minutes slow',
      'Wed, 18 Nov 2026 12:55:20 GMT',
      'Wed, 18 Nov 2026 12:55:00 GMT',
      20_000,
    ],
    [
      'a date by a clock that is five minutes fast',
      'Wed, 18 Nov 2026 13:05:20 GMT',
      'Wed, 18 Nov 2026 13:05:00 GMT',
      20_000,
    ],
    ['a date beside nonsense', 'Wed, 18 Nov 2026 13:00:09 GMT', 'yesterday', 9_000],
    ['a date that has passed', 'Wed, 18 Nov 2026 12:59:59 GMT', undefined, null],
    ['a date that is now', 'Wed, 18 Nov 2026 13:00:00 GMT', undefined, null],
    ['no time at all', '0', undefined, null],
    ['nothing', undefined, undefined, null],
    ['nonsense', 'soon', undefined, null],
    ['a year', '2026', undefined, 2_026_000],
    ['less than nothing', '-5', undefined, null],
    ['a fraction', '1.5', undefined, null],
  ])('%s', (_what, text, date, expected) => {
    expect(retryAfterMs(text, NOW, date)).toBe(expected)
  })
})

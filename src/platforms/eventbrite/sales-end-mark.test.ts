import { describe, expect, it } from 'vitest'
import { endingSales, isOurMark, resumingSales, salesEndMark } from './sales-end-mark.js'

const NOW = new Date('2026-11-05T19:00:30Z')
const START = new Date('2026-10-01T08:00:00Z')
const at = (fields: Record<string, string> | undefined) => ({
  salesStart: fields?.sales_start === undefined ? START : new Date(fields.sales_start),
  salesEnd: fields?.sales_end === undefined ? null : new Date(fields.sales_end),
})

describe('an end of sales that is ours', () => {
  it.each([
    '2026-11-05T19:01:00Z',
    '2026-12-01T17:00:00Z',
    '2027-02-28T23:59:59Z',
    '2028-02-29T12:34:47Z',
    '2033-12-31T23:59:59Z',
    '2034-01-01T00:00:00Z',
    '2053-06-01T10:00:00Z',
  ])('lies in the past and gives back the organizer’s own, to the second: %s', (end) => {
    const ways = endingSales({ salesStart: START, salesEnd: new Date(end) }, NOW)
    expect(ways).toHaveLength(3)
    for (const fields of ways) expect(new Date(fields.sales_end ?? '').getTime()).toBeLessThan(NOW.getTime())
    expect(resumingSales(at(ways[0]), NOW)).toEqual({ sales_end: end })
    expect(resumingSales(at(ways[1]), NOW)).toEqual({ sales_end: end, sales_start: '2026-10-01T08:00:00Z' })
    // Moved together, the start stays before the end.
    expect(at(ways[1]).salesStart.getTime()).toBeLessThan(at(ways[1]).salesEnd?.getTime() ?? 0)
    expect(resumingSales(at(ways[2]), NOW)).toBe('LOST')
  })

  it('without an end of the organizer, or one beyond reckoning, tells only that it is ours', () => {
    for (const salesEnd of [null, new Date('2054-01-01T00:00:00Z')]) {
      const ways = endingSales({ salesStart: START, salesEnd }, NOW)
      expect(ways.map((fields) => resumingSales(at(fields), NOW))).toEqual(['LOST'])
    }
  })

  it('lies in the past and cannot be entered in a form', () => {
    for (const second of ['00.000', '46.999', '47.000', '59.999']) {
      const now = new Date(`2026-11-05T19:00:${second}Z`)
      expect(salesEndMark(now) < now).toBe(true)
      expect(isOurMark(salesEndMark(now), now)).toBe(true)
    }
  })

  it.each([null, '2026-12-01T17:00:00Z', '2026-12-01T17:00:47Z', '2026-01-01T12:00:00Z'])(
    'is not taken for one of the organizer: %s',
    (end) => {
      const salesEnd = end === null ? null : new Date(end)
      expect(isOurMark(salesEnd, NOW)).toBe(false)
      expect(resumingSales({ salesStart: START, salesEnd }, NOW)).toBeNull()
    },
  )
})

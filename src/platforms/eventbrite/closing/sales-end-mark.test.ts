import { describe, expect, it } from 'vitest'
import { endSalesFields, isOurMark, resumeSalesFields, salesEndMark } from './sales-end-mark.js'

const NOW = new Date('2026-11-05T19:00:30Z')
const START = new Date('2026-10-01T08:00:00Z')
const saleTimes = (fields: Record<string, string> | undefined) => ({
  salesStart: fields?.sales_start === undefined ? START : new Date(fields.sales_start),
  salesEnd: fields?.sales_end === undefined ? null : new Date(fields.sales_end),
})

describe('an end of sales set by us', () => {
  it.each([
    '2026-11-05T19:01:00Z',
    '2026-12-01T17:00:00Z',
    '2027-02-28T23:59:59Z',
    '2028-02-29T12:34:47Z',
    '2033-12-31T23:59:59Z',
    '2034-01-01T00:00:00Z',
    '2053-06-01T10:00:00Z',
  ])('sets an end in the past that encodes the organizer’s own end exactly: %s', (end) => {
    const candidates = endSalesFields({ salesStart: START, salesEnd: new Date(end) }, NOW)
    expect(candidates).toHaveLength(3)
    for (const fields of candidates) expect(new Date(fields.sales_end ?? '').getTime()).toBeLessThan(NOW.getTime())
    expect(resumeSalesFields(saleTimes(candidates[0]), NOW)).toEqual({ sales_end: end })
    expect(resumeSalesFields(saleTimes(candidates[1]), NOW)).toEqual({
      sales_end: end,
      sales_start: '2026-10-01T08:00:00Z',
    })
    // Moved together, the start stays before the end.
    expect(saleTimes(candidates[1]).salesStart.getTime()).toBeLessThan(
      saleTimes(candidates[1]).salesEnd?.getTime() ?? 0,
    )
    expect(resumeSalesFields(saleTimes(candidates[2]), NOW)).toBe('LOST')
  })

  it('encodes nothing where the organizer’s end is missing or too far in the future', () => {
    for (const salesEnd of [null, new Date('2054-01-01T00:00:00Z')]) {
      const candidates = endSalesFields({ salesStart: START, salesEnd }, NOW)
      expect(candidates.map((fields) => resumeSalesFields(saleTimes(fields), NOW))).toEqual(['LOST'])
    }
  })

  it('sets an end in the past at a second that cannot be entered in a form', () => {
    for (const second of ['00.000', '46.999', '47.000', '59.999']) {
      const now = new Date(`2026-11-05T19:00:${second}Z`)
      expect(salesEndMark(now) < now).toBe(true)
      expect(isOurMark(salesEndMark(now), now)).toBe(true)
    }
  })

  it.each([null, '2026-12-01T17:00:00Z', '2026-12-01T17:00:47Z', '2026-01-01T12:00:00Z'])(
    'does not treat an end set by the organizer as ours: %s',
    (end) => {
      const salesEnd = end === null ? null : new Date(end)
      expect(isOurMark(salesEnd, NOW)).toBe(false)
      expect(resumeSalesFields({ salesStart: START, salesEnd }, NOW)).toBeNull()
    },
  )
})

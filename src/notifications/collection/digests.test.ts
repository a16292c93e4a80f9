import { describe, expect, it } from 'vitest'
import { digestDate } from './digests.js'

const LONG_AGO = new Date('2029-01-01T00:00:00Z')
const dateAt = (instant: string, timezone = 'Europe/Berlin', createdAt = LONG_AGO) =>
  digestDate({ timezone, createdAt }, new Date(instant))

describe('digestDate', () => {
  it.each([
    ['winter', '2030-01-31T06:59:59Z', null],
    ['winter', '2030-01-31T07:00:00Z', '2030-01-31'],
    ['winter', '2030-01-31T10:59:59Z', '2030-01-31'],
    ['winter', '2030-01-31T11:00:00Z', null],
    ['summer', '2030-07-31T05:59:59Z', null],
    ['summer', '2030-07-31T06:00:00Z', '2030-07-31'],
  ])('is due from 08:00 of the event on, in %s too: %s', (_, instant, date) => expect(dateAt(instant)).toBe(date))

  it('has the date of the event', () => {
    expect(dateAt('2030-01-31T18:30:00Z', 'Pacific/Kiritimati')).toBe('2030-02-01')
    expect(dateAt('2030-02-01T19:00:00Z', 'Pacific/Pago_Pago')).toBe('2030-02-01')
    expect(dateAt('2030-02-01T02:30:00Z', 'Asia/Kathmandu')).toBe('2030-02-01')
  })

  it('is none on the day on which the event was created after 08:00', () => {
    const now = '2030-01-31T10:00:00Z'
    expect(dateAt(now, 'Europe/Berlin', new Date('2030-01-31T06:00:00Z'))).toBe('2030-01-31')
    expect(dateAt(now, 'Europe/Berlin', new Date('2030-01-31T09:00:00Z'))).toBeNull()
    expect(dateAt('2030-02-01T10:00:00Z', 'Europe/Berlin', new Date('2030-01-31T09:00:00Z'))).toBe('2030-02-01')
  })
})

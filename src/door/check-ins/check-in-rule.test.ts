import { describe, expect, it } from 'vitest'
import { decideCheckIn } from './check-in-rule.js'

const NOW = new Date('2026-12-10T18:30:00Z')
const at = (minute: number) => new Date(Date.UTC(2026, 11, 10, 18, minute))

describe('A check-in', () => {
  it.each([
    ['is the first of a ticket', null, null, 5, { record: 5, first: true, checkedInAt: 5 }],
    ['is not the first after another', 5, null, 6, { record: null, first: false, checkedInAt: 5 }],
    ['is not the first at the same time as another', 5, null, 5, { record: null, first: false, checkedInAt: 5 }],
    ['is the first when reported after a later one', 5, null, 4, { record: 4, first: true, checkedInAt: 4 }],
    ['is not the first after one on the platform', null, 3, 4, { record: 4, first: false, checkedInAt: 3 }],
    ['is the first before one on the platform', null, 3, 2, { record: 2, first: true, checkedInAt: 2 }],
    ['is recorded between the platform and another', 5, 3, 4, { record: 4, first: false, checkedInAt: 3 }],
    ['happens now without a time', null, null, null, { record: 30, first: true, checkedInAt: 30 }],
    ['is not the first now, whatever was before', 5, null, null, { record: null, first: false, checkedInAt: 5 }],
    [
      'is not the first now, even before another clock',
      45,
      null,
      null,
      { record: null, first: false, checkedInAt: 45 },
    ],
    ['is not the first now after the platform', null, 3, null, { record: 30, first: false, checkedInAt: 3 }],
  ])('%s', (_name, own, external, time, { record, first, checkedInAt }) => {
    const instant = (minute: number | null) => (minute === null ? null : at(minute))
    const recorded = { own: instant(own), external: instant(external) }
    const expected = { record: instant(record), first, checkedInAt: at(checkedInAt) }
    expect(decideCheckIn(recorded, instant(time), NOW)).toEqual(expected)
  })
})
